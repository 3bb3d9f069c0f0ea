import { strict as assert } from "node:assert";
import { test } from "node:test";
import { clock, framesOf, framing, scenesOf, secondsOf } from "../src/film/words";
import type { FilmShot } from "../src/wire";

const RATES = ["23.976", "24", "25", "29.97", "30"];

function shot(name: string, scene: string, heading: string, prompt = ""): FilmShot {
  return { name, scene, heading, prompt, action: "", frames: 48, dissolve_frames: 0, by_hand: false };
}

test("the seconds that are shown give each frame back, at every rate that films have", () => {
  for (const rate of RATES) for (let frames = 1; frames <= 5000; frames++) assert.equal(framesOf(secondsOf(frames, rate), rate), frames, `${frames} at ${rate}`);
});

test("a length is taken as people write it, and what is none is none", () => {
  for (const [said, frames] of [["3", 72], ["2.5 s", 60], ["2,5", 60], ["48f", 48], ["48 F", 48], ["3+12", 84], [" 1 s 6 f ", 30]] as const) assert.equal(framesOf(said, "24"), frames, said);
  for (const said of ["", "0", "-3", "soon", "3.1.2", "7.12345", "1e3", "9999999"]) assert.equal(framesOf(said, "24"), 0, said);
});

test("frames are told as minutes and seconds", () => {
  assert.equal(clock(24 * 61 + 12, "24"), "1:01.5");
  assert.equal(clock(24 * 60 - 1, "24"), "1:00.0", "never sixty seconds");
});

test("shots stand under their scenes in the order of the cut, also where a scene comes again", () => {
  const scenes = scenesOf([shot("1-1", "1", "A"), shot("1-2", "1", "A"), shot("2-1", "2", "B"), shot("1-3", "1", "A")]);
  assert.deepEqual(scenes.map((scene) => scene.shots.map((one) => one.name)), [["1-1", "1-2"], ["2-1"], ["1-3"]]);
  assert.equal(new Set(scenes.map((scene) => scene.key)).size, 3);
});

test("what is framed is told without the heading that stands over it", () => {
  assert.equal(framing(shot("1-1", "1", "INT. ROOM - DAY", "Wide shot. A bench. INT. ROOM - DAY.")), "Wide shot. A bench.");
  assert.equal(framing(shot("1-1", "1", "", "Wide shot.")), "Wide shot");
});
