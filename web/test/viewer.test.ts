import { strict as assert } from "node:assert";
import { test } from "node:test";
import { frameAt, frameCount, stepped, timecode, timeOf } from "../src/viewer/frames";
import { atPixels, clipOf, fitted, panned, wipeAt } from "../src/viewer/geometry";

test("each frame's time shows that frame, at every rate that films have", () => {
  for (const fps of [12, 23.976, 24, 25, 29.97, 30, 48, 59.94, 60]) {
    for (let frame = 0; frame < 5000; frame++) {
      assert.equal(frameAt(timeOf(frame, fps), fps), frame);
      assert.equal(frameAt(frame / fps, fps), frame, `its own first moment, ${frame} at ${fps}`);
    }
  }
});

test("a step goes one frame on and stays in the film", () => {
  const count = frameCount(2, 24);
  assert.equal(count, 48);
  assert.equal(stepped(timeOf(10, 24), 1, 24, count), 11);
  assert.equal(stepped(10 / 24, -1, 24, count), 9);
  assert.equal(stepped(0, -1, 24, count), 0);
  assert.equal(stepped(2, 1, 24, count), 47, "its end is its last frame");
});

test("a timecode counts frames within their second", () => {
  assert.equal(timecode(0, 24), "00:00:00");
  assert.equal(timecode(24 * 61 + 5, 24), "01:01:05");
  assert.equal(timecode(29, 29.97), "00:00:29");
});

test("a picture is whole, in the middle, whatever the stage", () => {
  assert.deepEqual(fitted({ width: 200, height: 100 }, { width: 100, height: 100 }), { left: 0, top: 25, width: 100, height: 50 });
  assert.deepEqual(fitted({ width: 10, height: 100 }, { width: 100, height: 50 }), { left: 47.5, top: 0, width: 5, height: 50 });
});

test("at its pixels a picture fills no more than its pixels, and is moved no further than its edge", () => {
  const picture = { width: 1000, height: 400 };
  const stage = { width: 200, height: 300 };
  assert.deepEqual(atPixels(picture, stage, { x: 0.5, y: 0.5 }, 2), { left: -150, top: 50, width: 500, height: 200 });
  let centre = { x: 0.5, y: 0.5 };
  for (let turn = 0; turn < 50; turn++) centre = panned(centre, { x: 60, y: 60 }, picture, stage, 2);
  const box = atPixels(picture, stage, centre, 2);
  assert.equal(box.left + box.width, stage.width, "its right edge is the stage's");
  assert.equal(centre.y, 0.5, "it is not moved where it has room");
});

test("a wipe follows the pointer and stays on the picture", () => {
  const box = { left: 100, width: 200 };
  assert.equal(wipeAt(150, box), 0.25);
  assert.equal(wipeAt(0, box), 0);
  assert.equal(wipeAt(900, box), 1);
  assert.equal(wipeAt(5, { left: 0, width: 0 }), 0.5);
  assert.equal(clipOf(0.25), "inset(0 0 0 25.000%)");
});
