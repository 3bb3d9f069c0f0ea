import { strict as assert } from "node:assert";
import { test } from "node:test";
import { corrected, nameOf, segmentsOf, toldOf, vocabularyOf, type Meaning, type Vocabulary } from "../src/words/meanings";

const VOCABULARY: Vocabulary = {
  time_of_day: [{ name: "golden", words: "golden hour" }, { name: "dusk", words: "dusk" }, { name: "night", words: "night" }],
  place: [{ name: "coast", words: "coast" }, { name: "desert", words: "desert" }],
  props: [{ name: "lighthouse", words: "lighthouse" }, { name: "boat", words: "boat" }],
  pose: [{ name: "sit", words: "sitting" }, { name: "run", words: "running" }],
  lens_mm: [{ name: "35", words: "35 mm" }],
};
const TAKES = new Set(["prompt", "time_of_day", "place", "lens_mm"]);
const of = (prompt: string, words: string, subject: string, name: string, used = true): Meaning => {
  const start = [...prompt.slice(0, prompt.indexOf(words))].length;
  return { start, end: start + [...words].length, subject, name, used };
};

test("positions are code points, so that words after a picture sign are still those words", () => {
  const prompt = "\u{1F30A} dusk, xyzzy";
  const parts = segmentsOf(prompt, [of(prompt, "dusk", "time_of_day", "dusk")], [[8, 13]]);
  assert.deepEqual(parts.map((part) => part.text), ["\u{1F30A} ", "dusk", ", ", "xyzzy"]);
  assert.equal(parts[3]?.unread, true);
  assert.equal(parts.map((part) => part.text).join(""), prompt);
});

test("words that say two things are one piece with both", () => {
  const prompt = "a lighthouse";
  const parts = segmentsOf(prompt, [of(prompt, "lighthouse", "place", "coast"), of(prompt, "lighthouse", "props", "lighthouse")], []);
  assert.deepEqual(parts.at(-1)?.meanings.map((one) => one.subject), ["place", "props"]);
});

test("an engine that tells nothing of words is not made to", () => {
  assert.equal(toldOf({ size: "wide" }), null);
  assert.deepEqual(toldOf({ words: [{ start: 3 }, null], unread: "x" }), { meanings: [], unread: [] });
  assert.deepEqual(vocabularyOf({ properties: { prompt: { type: "string" } } }), {});
});

test("a word is corrected where it stands, and a parameter that overrode it lets it count again", () => {
  const prompt = "a man at dusk, far away";
  const meanings = [of(prompt, "dusk", "time_of_day", "dusk", false)];
  const wish = { start: meanings[0]?.start ?? 0, end: meanings[0]?.end ?? 0, subject: "time_of_day", name: "night" };
  assert.deepEqual(corrected(prompt, { time_of_day: "golden", style: "board" }, wish, meanings, VOCABULARY, TAKES), {
    prompt: "a man at night, far away", params: { style: "board" },
  });
});

test("where the same words say something else besides, a parameter decides and the words stay", () => {
  const prompt = "a lighthouse";
  const meanings = [of(prompt, "lighthouse", "place", "coast"), of(prompt, "lighthouse", "props", "lighthouse")];
  const at = { start: 2, end: 12 };
  assert.deepEqual(corrected(prompt, {}, { ...at, subject: "place", name: "desert" }, meanings, VOCABULARY, TAKES), { prompt, params: { place: "desert" } });
  assert.deepEqual(corrected(prompt, {}, { ...at, subject: "props", name: "boat" }, meanings, VOCABULARY, TAKES), { prompt: "a boat", params: { place: "coast" } });
});

test("where stronger words of the subject stand elsewhere, a parameter decides as well, or they go", () => {
  const prompt = "golden hour, a man at dusk";
  const meanings = [of(prompt, "golden hour", "time_of_day", "golden"), of(prompt, "dusk", "time_of_day", "dusk", false)];
  const wish = { start: 22, end: 26, subject: "time_of_day", name: "night" };
  assert.deepEqual(corrected(prompt, {}, wish, meanings, VOCABULARY, TAKES), { prompt: "golden hour, a man at night", params: { time_of_day: "night" } });
  assert.deepEqual(corrected(prompt, {}, wish, meanings, VOCABULARY, new Set(["prompt"])), { prompt: "a man at night", params: {} });
});

test("words are left out without a trace", () => {
  const prompt = "a man, dusk, 35mm";
  const meanings = [of(prompt, "dusk", "time_of_day", "dusk"), of(prompt, "35mm", "lens_mm", "35")];
  assert.equal(corrected(prompt, {}, { start: 7, end: 11, subject: "time_of_day", name: null }, meanings, VOCABULARY, TAKES).prompt, "a man, 35mm");
  assert.equal(corrected(prompt, {}, { start: 13, end: 17, subject: "lens_mm", name: null }, meanings, VOCABULARY, TAKES).prompt, "a man, dusk");
});

test("a word that became nothing may be given a meaning", () => {
  const prompt = "a man, melancholic";
  assert.equal(corrected(prompt, {}, { start: 7, end: 18, subject: "time_of_day", name: "dusk" }, [], VOCABULARY, TAKES).prompt, "a man, dusk");
});

test("in a text of another language a parameter decides, and the words stay", () => {
  const prompt = "ein Mann, Nacht";
  const wish = { start: 10, end: 15, subject: "time_of_day", name: "dusk" };
  assert.deepEqual(corrected(prompt, {}, wish, [], VOCABULARY, TAKES, "de"), { prompt, params: { time_of_day: "dusk" } });
  assert.equal(corrected(prompt, {}, { ...wish, name: null }, [], VOCABULARY, TAKES, "de").prompt, "ein Mann");
});

test("numbers are told as people say them", () => {
  assert.equal(nameOf({ subject: "lens_mm", name: "35" }), "35 mm");
  assert.equal(nameOf({ subject: "stop", name: "2.8" }), "f/2.8");
  assert.equal(nameOf({ subject: "time_of_day", name: "blue_hour" }), "blue hour");
});
