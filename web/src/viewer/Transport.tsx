// Play, pause, frame by frame: what is shown is told by its number, from the frames that the film really has.
import { useEffect, useState } from "preact/hooks";
import type { Artifact } from "../wire";
import { Button } from "../ui/Button";
import { frameAt, frameCount, stepped, timecode, timeOf } from "./frames";

interface Props {
  video: HTMLVideoElement | null;
  other: HTMLVideoElement | null;
  artifact: Artifact;
  loop: boolean;
  muted: boolean;
  onLoop: () => void;
  onMuted: () => void;
}

const OTHERWISE_FPS = 24;

export const fpsOf = (artifact: Artifact) => artifact.fps || OTHERWISE_FPS;

/** Stops at the frame some frames away. */
export function stepFrames(video: HTMLVideoElement, artifact: Artifact, by: number): void {
  const fps = fpsOf(artifact);
  video.pause();
  video.currentTime = timeOf(stepped(video.currentTime, by, fps, frameCount(artifact.duration_s || video.duration || 0, fps)), fps);
}

export function togglePlaying(video: HTMLVideoElement): void {
  if (video.paused) void video.play().catch(() => undefined);
  else video.pause();
}

export function Transport({ video, other, artifact, loop, muted, onLoop, onMuted }: Props) {
  const fps = fpsOf(artifact);
  const count = frameCount(artifact.duration_s || video?.duration || 0, fps);
  const [frame, setFrame] = useState(0);
  const [playing, setPlaying] = useState(false);

  useEffect(() => {
    if (!video) return;
    let waiting = 0;
    const tell = () => setFrame(Math.min(frameAt(video.currentTime, fps), count - 1));
    const seen = (_: number, shown: VideoFrameCallbackMetadata) => {
      setFrame(Math.min(frameAt(shown.mediaTime, fps), count - 1));
      waiting = video.requestVideoFrameCallback(seen);
    };
    const counts = Boolean(video.requestVideoFrameCallback as unknown); // not in every browser
    if (counts) waiting = video.requestVideoFrameCallback(seen);
    const state = () => {
      setPlaying(!video.paused);
      if (video.paused) tell();
    };
    const told = ["play", "pause", "ended", "seeked", "loadedmetadata"];
    for (const name of told) video.addEventListener(name, state);
    if (!counts) video.addEventListener("timeupdate", tell);
    state();
    return () => {
      for (const name of told) video.removeEventListener(name, state);
      video.removeEventListener("timeupdate", tell);
      if (counts) video.cancelVideoFrameCallback(waiting);
    };
  }, [video, fps, count]);

  useEffect(() => {
    if (!video || !other) return;
    // the other follows: at once where this one stands, gently where it runs
    const follow = () => {
      const most = video.paused ? 0.25 / fps : 2 / fps;
      const meant = Math.min(video.currentTime, Math.max(0, (other.duration || video.currentTime) - 0.25 / fps));
      if (Math.abs(other.currentTime - meant) > most) other.currentTime = meant;
      if (video.paused !== other.paused) {
        if (video.paused) other.pause();
        else void other.play().catch(() => undefined);
      }
    };
    const told = ["play", "pause", "seeking", "seeked", "timeupdate", "ended"];
    for (const name of told) video.addEventListener(name, follow);
    other.addEventListener("loadedmetadata", follow);
    follow();
    return () => {
      for (const name of told) video.removeEventListener(name, follow);
      other.removeEventListener("loadedmetadata", follow);
    };
  }, [video, other, fps]);

  return (
    <div class="transport" role="group" aria-label="Film">
      <Button kind="quiet" label="A frame back" onClick={() => video && stepFrames(video, artifact, -1)}>⟨</Button>
      <Button kind="quiet" label={playing ? "Pause" : "Play"} onClick={() => video && togglePlaying(video)}>{playing ? "❚❚" : "▶"}</Button>
      <Button kind="quiet" label="A frame on" onClick={() => video && stepFrames(video, artifact, 1)}>⟩</Button>
      <input
        type="range"
        min={0}
        max={count - 1}
        step={1}
        value={frame}
        aria-label="Frame"
        aria-valuetext={`Frame ${frame + 1} of ${count}`}
        onInput={(event) => {
          if (!video) return;
          video.pause();
          video.currentTime = timeOf(Number(event.currentTarget.value), fps);
        }}
      />
      <span class="numbers counter" data-frame={frame}>{timecode(frame, fps)} · {frame + 1}/{count} · {Number(fps.toFixed(3))} fps</span>
      <Button kind="quiet" label="Loop" pressed={loop} onClick={onLoop}>↻</Button>
      <Button kind="quiet" label="Sound" pressed={!muted} onClick={onMuted}>♪</Button>
    </div>
  );
}
