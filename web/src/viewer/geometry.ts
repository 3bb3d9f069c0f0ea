// Where a picture lies on the stage: whole and in the middle, or one of its pixels to one of the screen and moved about;
// and where a wipe between two pictures stands.

export interface Size { width: number; height: number }
export interface Box extends Size { left: number; top: number }
export interface Point { x: number; y: number }

/** The largest box of the picture's shape in the stage, in its middle. */
export function fitted(picture: Size, stage: Size): Box {
  const scale = Math.min(stage.width / picture.width, stage.height / picture.height);
  const width = picture.width * scale;
  const height = picture.height * scale;
  return { left: (stage.width - width) / 2, top: (stage.height - height) / 2, width, height };
}

/** A pixel of the picture to a pixel of the screen; `centre`: the point of the picture, 0 to 1, in the stage's middle. */
export function atPixels(picture: Size, stage: Size, centre: Point, pixelRatio: number): Box {
  const width = picture.width / pixelRatio;
  const height = picture.height / pixelRatio;
  const place = (share: number, whole: number, room: number) => (whole <= room ? (room - whole) / 2 : room / 2 - share * whole);
  return { left: place(centre.x, width, stage.width), top: place(centre.y, height, stage.height), width, height };
}

/** The centre moved by pixels of the screen, so that the picture never leaves the stage's edge. */
export function panned(centre: Point, by: Point, picture: Size, stage: Size, pixelRatio: number): Point {
  const move = (share: number, delta: number, whole: number, room: number) => {
    if (whole <= room) return 0.5;
    const least = room / 2 / whole;
    return Math.min(Math.max(share + delta / whole, least), 1 - least);
  };
  return {
    x: move(centre.x, by.x, picture.width / pixelRatio, stage.width),
    y: move(centre.y, by.y, picture.height / pixelRatio, stage.height),
  };
}

/** Where on the picture a wipe stands that was drawn to a place of the window: 0 its left edge, 1 its right. */
export function wipeAt(clientX: number, box: { left: number; width: number }): number {
  return box.width > 0 ? Math.min(Math.max((clientX - box.left) / box.width, 0), 1) : 0.5;
}

/** What is left of the picture on top: that to the right of the wipe. */
export function clipOf(share: number): string {
  return `inset(0 0 0 ${(share * 100).toFixed(3)}%)`;
}
