// Frames of a film by number. A browser shows the frame in whose time it is: the middle of a frame is safe from both
// neighbours, its edge is not.

/** The frame that is shown at a time. */
export function frameAt(time_s: number, fps: number): number {
  return Math.max(0, Math.floor(time_s * fps + 1e-4));
}

/** How many frames a film has. */
export function frameCount(duration_s: number, fps: number): number {
  return Math.max(1, Math.round(duration_s * fps));
}

/** A time at which just this frame is shown. */
export function timeOf(frame: number, fps: number): number {
  return (frame + 0.5) / fps;
}

/** The frame some frames away, within the film. */
export function stepped(time_s: number, by: number, fps: number, count: number): number {
  return Math.min(Math.max(frameAt(time_s, fps) + by, 0), count - 1);
}

/** `mm:ss:ff`, frames counted within their second as an edit desk does (without dropping any). */
export function timecode(frame: number, fps: number): string {
  const rate = Math.max(1, Math.round(fps));
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(frame / rate / 60))}:${two(Math.floor(frame / rate) % 60)}:${two(frame % rate)}`;
}
