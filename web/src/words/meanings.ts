// What the words of a prompt became (`result.understood.words`, `.unread`), and a prompt in which they say something else.
import type { Params, Schema } from "../wire";

export interface Meaning {
  start: number;
  end: number;
  subject: string;
  name: string;
  used: boolean;
}

export interface Segment {
  text: string;
  /** In code points of the prompt, as the service counts. */
  start: number;
  end: number;
  meanings: Meaning[];
  /** A word that became nothing. */
  unread: boolean;
}

export interface Term {
  name: string;
  words: string;
}

/** By subject, what a shot may have there, with words that say it. */
export type Vocabulary = Record<string, Term[]>;

/** The parameter that overrides what the words say of a subject. */
const PARAMETERS: Record<string, string> = {
  size: "shot", angle: "angle", lens_mm: "lens_mm", time_of_day: "time_of_day", weather: "weather", place: "place",
};
/** Of these a shot has one, and the first words that say one count; of the others the words add up. */
const FIRST_COUNTS = new Set(["size", "angle", "lens_mm", "stop", "time_of_day", "season", "place"]);
const SUBJECTS: Record<string, string> = {
  size: "shot size", kind: "kind of shot", over_shoulder: "over the shoulder", pov_of: "point of view", angle: "angle",
  dutch: "roll", camera_height: "height of the camera", lens_mm: "lens", stop: "stop", focus: "focus", moves: "camera move",
  aspect: "aspect", int_ext: "inside or outside", place: "place", time_of_day: "time of day", weather: "weather",
  season: "season", light: "light", people: "people", props: "prop", without: "not in the picture", off_screen: "off screen",
  style: "style", side: "place in the frame", depth: "depth in the frame",
};

export function subjectName(subject: string): string {
  return SUBJECTS[subject] ?? subject.replaceAll("_", " ");
}

export function nameOf({ subject, name }: Pick<Meaning, "subject" | "name">): string {
  if (subject === "lens_mm") return `${name} mm`;
  if (subject === "stop") return `f/${name}`;
  return name.replaceAll("_", " ");
}

function isMeaning(one: unknown): one is Meaning {
  const said = one as Meaning;
  return typeof one === "object" && one !== null && Number.isInteger(said.start) && Number.isInteger(said.end) && said.start < said.end
    && typeof said.subject === "string" && typeof said.name === "string";
}

/** Of words that were read as others, what they were taken for: `result.understood.reads` by start and end. */
export function correctionsOf(understood: Record<string, unknown> | undefined): Map<string, string> {
  const reads = understood?.["reads"];
  const found = new Map<string, string>();
  for (const one of Array.isArray(reads) ? (reads as Record<string, unknown>[]) : []) {
    const as = one?.["read_as"];
    if (typeof as === "string") found.set(`${String(one["start"])}-${String(one["end"])}`, as);
  }
  return found;
}

/** In which language the words were read and by whom, in words; empty where nothing is told. */
export function readByOf(understood: Record<string, unknown> | undefined): string {
  const by = understood?.["read_by"];
  if (typeof by !== "string") return "";
  const code = understood?.["language"];
  const failed = understood?.["reader_failed"];
  const language = typeof code === "string" ? (languageNames?.of(code) ?? code) : "";
  return `${language ? `${language}, read` : "Read"} by ${by === "rules" ? "the rules" : by}${typeof failed === "string" ? `, as ${failed}` : ""}`;
}

const languageNames = "DisplayNames" in Intl ? new Intl.DisplayNames("en", { type: "language" }) : null;

/** What was told of the words; null where an engine tells nothing of them. */
export function toldOf(understood: Record<string, unknown> | undefined): { meanings: Meaning[]; unread: [number, number][] } | null {
  const words = understood?.["words"];
  if (!Array.isArray(words)) return null;
  const unread = understood?.["unread"];
  const pairs = Array.isArray(unread) ? unread.filter((pair): pair is [number, number] => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isInteger)) : [];
  return { meanings: words.filter(isMeaning), unread: pairs };
}

/** The prompt in pieces that each say one and the same: cut wherever a meaning begins or ends. */
export function segmentsOf(prompt: string, meanings: readonly Meaning[], unread: readonly [number, number][]): Segment[] {
  const points = [...prompt];
  const cuts = new Set([0, points.length]);
  for (const { start, end } of meanings) cuts.add(start).add(end);
  for (const [start, end] of unread) cuts.add(start).add(end);
  const at = [...cuts].filter((cut) => cut >= 0 && cut <= points.length).sort((a, b) => a - b);
  return at.slice(1).map((end, before) => {
    const start = at[before] as number;
    return {
      text: points.slice(start, end).join(""),
      start,
      end,
      meanings: meanings.filter((one) => one.start <= start && end <= one.end),
      unread: unread.some(([from, to]) => from <= start && end <= to),
    };
  });
}

export function vocabularyOf(schema: Schema | undefined): Vocabulary {
  const offered = (schema?.properties?.["prompt"] as Record<string, unknown> | undefined)?.["x-vocabulary"];
  return typeof offered === "object" && offered !== null ? (offered as Vocabulary) : {};
}

/** The language of the words in an engine's vocabulary. */
const OFFERED_IN = "en";

export interface Wish {
  start: number;
  end: number;
  subject: string;
  /** Null: the words shall say nothing. */
  name: string | null;
}

/** The prompt and parameters in which the words at a place mean what a person wishes.
 *
 * The words themselves are changed, so that every engine hears it. A parameter decides where words cannot: where the same
 * words say something else besides, where others of the subject would win, or where the text is not in the language of
 * the words that are offered. `params`: as they were asked for; `takes`: the names of the engine's parameters.
 */
export function corrected(
  prompt: string,
  params: Params,
  wish: Wish,
  meanings: readonly Meaning[],
  vocabulary: Vocabulary,
  takes: ReadonlySet<string>,
  language = OFFERED_IN,
): { prompt: string; params: Params } {
  const points = [...prompt];
  const { subject, name, start, end } = wish;
  const rest: Params = { ...params };
  const parameter = PARAMETERS[subject];
  const value = name !== null && subject === "lens_mm" ? Number(name) : name;
  const decide = () => {
    if (parameter && takes.has(parameter) && value !== null) rest[parameter] = value;
  };
  if (parameter) delete rest[parameter]; // the words count again, unless they cannot
  const besides = meanings.filter((one) => one.subject !== subject && one.start < end && start < one.end);
  const term = vocabulary[subject]?.find((one) => one.name === name);
  if ((besides.length || language !== OFFERED_IN) && name !== null && parameter && takes.has(parameter)) {
    decide();
    return { prompt, params: rest };
  }
  for (const lost of besides) {
    const keeps = PARAMETERS[lost.subject];
    if (lost.used && keeps && takes.has(keeps) && rest[keeps] === undefined) rest[keeps] = lost.subject === "lens_mm" ? Number(lost.name) : lost.name;
  }
  const wins = (one: Meaning) => FIRST_COUNTS.has(subject) && one.start < start;
  const stronger = name === null ? [] : meanings.filter((one) => one.subject === subject && (one.end <= start || end <= one.start) && wins(one));
  if (stronger.length) decide();
  const gone = parameter && takes.has(parameter) ? [] : stronger.filter((one) => !meanings.some((other) => other !== one && other.subject !== subject && other.start < one.end && one.start < other.end));
  const edits = [{ start, end, words: name === null ? "" : term?.words ?? nameOf({ subject, name }) }, ...gone.map((one) => ({ start: one.start, end: one.end, words: "" }))];
  for (const edit of edits.sort((a, b) => b.start - a.start)) points.splice(edit.start, edit.end - edit.start, ...edit.words);
  return { prompt: tidy(points.join("")), params: rest };
}

/** Without what a removed word leaves behind: two spaces, a space before a comma, two commas, an article of nothing. */
function tidy(text: string): string {
  return text
    .replace(/ {2,}/g, " ")
    .replace(/ +([,.;:])/g, "$1")
    .replace(/([,;]) ?(?=[,;.])/g, "")
    .replace(/\ba (?=a )/gi, "")
    .replace(/^[ ,;]+|[ ,;]+$/g, "");
}
