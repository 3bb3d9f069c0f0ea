// What the service says is wrong -> the place of the form where it is said.
import type { Field } from "./schema";

export interface Refusal {
  /** By the path of a field, or one of `#task_type`, `#engine`, `#quality`, `#shot`. */
  fields: Record<string, string>;
  /** What has no place of its own. */
  rest: string;
}

const OWN: Record<string, string> = { UNKNOWN_QUALITY: "#quality", UNKNOWN_ENGINE: "#engine", UNKNOWN_TASK_TYPE: "#task_type", ENGINE_DOWN: "#engine" };
const REQUEST = new Set(["task_type", "engine", "quality", "shot"]);

/** Reads an error of any door: `code`, `message`, `details.problems`; else only what it says. */
export function refusalOf(error: unknown, fields: readonly Field[]): Refusal {
  const said = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>;
  const code = String(said["code"] ?? said["error_code"] ?? "");
  const message = typeof said["message"] === "string" && said["message"] ? said["message"] : "It was not sent; nothing was lost. Try again.";
  const details = (said["details"] ?? {}) as { problems?: { field?: string; message?: string }[] };
  const own = OWN[code];
  if (own) return { fields: { [own]: message }, rest: "" };
  const placed: Record<string, string> = {};
  const rest: string[] = [];
  for (const problem of details.problems ?? []) {
    const place = placeOf(problem.field ?? "", code === "INVALID_PARAMS", fields);
    const text = problem.message ?? message;
    if (place) placed[place] = placed[place] ? `${placed[place]} ${text}` : text;
    else rest.push(problem.field ? `${problem.field}: ${text}` : text);
  }
  if (!Object.keys(placed).length && !rest.length) rest.push(message);
  return { fields: placed, rest: rest.join(" ") };
}

function placeOf(path: string, ofParams: boolean, fields: readonly Field[]): string {
  const parts = path.replace(/^requests\.\d+\./, "").split(".");
  if (parts[0] === "params") parts.shift();
  else if (!ofParams && REQUEST.has(parts[0] ?? "")) return `#${parts[0]}`;
  let known: readonly Field[] = fields;
  const found: string[] = [];
  for (const part of parts) {
    const field = known.find((one) => one.name === part);
    if (!field && !(found.length && /^\d+$/.test(part))) break;
    found.push(part);
    known = field?.kind === "object" ? field.fields : [];
  }
  return found.join(".");
}
