// Corrections, a line of JSON each, for a test that gives them to the real reader.
import { readFileSync } from "node:fs";
import { corrected } from "../src/words/meanings";

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { prompt, params, wish, meanings, vocabulary, takes } = JSON.parse(line);
  console.log(JSON.stringify(corrected(prompt, params, wish, meanings, vocabulary, new Set(takes))));
}
