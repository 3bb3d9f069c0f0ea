// What is in the form, kept for as long as the window lives: a reload and a lost connection take nothing away.
import type { ComposeSeed } from "../contract";
import type { Engine, GenerationRequest, TaskType } from "../wire";
import { bagOf, isEmpty, leftOver, paramsOf, rawOf, type Bag, type Problems } from "./values";
import { fieldsOf, type Field } from "./schema";

export interface Draft {
  taskType: string;
  /** Empty: the first that is up. */
  engine: string;
  quality: string;
  shot: string;
  count: number;
  bag: Bag;
}

export const MOST_VARIATIONS = 50;

type Store = Pick<Storage, "getItem" | "setItem">;

const key = (project: string) => `auteur.compose.${project}`;

/** What is made of takes that are there, for other programs: it is asked for from a film, and not by a form. */
const HAND_OVER = "editorial";

/** The types that the form offers. */
export function offered(types: readonly TaskType[]): TaskType[] {
  return types.filter((type) => type.engines.some((way) => way.engine !== HAND_OVER));
}

export function emptyDraft(types: readonly TaskType[], quality: string): Draft {
  const bare = types.find((type) => !fieldsOf(type).some((field) => field.kind === "file" && field.required)); // words are enough for it
  return { taskType: (bare ?? types[0])?.name ?? "", engine: "", quality, shot: "", count: 1, bag: {} };
}

/** What was kept, as far as it can still be used. */
export function keptDraft(store: Store, project: string, types: readonly TaskType[], quality: string): Draft {
  const empty = emptyDraft(types, quality);
  try {
    const kept = JSON.parse(store.getItem(key(project)) ?? "null") as Partial<Draft> | null;
    if (!kept || typeof kept !== "object") return empty;
    const known = types.some((type) => type.name === kept.taskType);
    return {
      ...empty,
      ...kept,
      taskType: known ? String(kept.taskType) : empty.taskType,
      bag: typeof kept.bag === "object" && kept.bag !== null ? kept.bag : {},
    };
  } catch {
    return empty; // no storage, or of another shape: the form is empty and works
  }
}

export function keepDraft(store: Store, project: string, draft: Draft): void {
  try {
    store.setItem(key(project), JSON.stringify(draft));
  } catch {
    // no room or no storage: it lives as long as the page
  }
}

/** What a take, or a wish from elsewhere, fills in. */
export function seededDraft(seed: ComposeSeed, draft: Draft, types: readonly TaskType[]): Draft {
  const taskType = types.some((type) => type.name === seed.task_type) ? (seed.task_type as string) : draft.taskType;
  const begun: Draft = { ...draft, taskType, engine: seed.engine ?? "", quality: seed.quality ?? draft.quality, shot: seed.shot ?? draft.shot, count: 1 };
  const engine = engineOf(begun, types);
  return { ...begun, bag: seed.params ? bagOf(engine ? fieldsOf(engine) : [], seed.params) : draft.bag };
}

/** The engine that will make it: the one that was chosen, or the first that is up, or the first. */
export function engineOf(draft: Draft, types: readonly TaskType[]): Engine | undefined {
  const engines = types.find((type) => type.name === draft.taskType)?.engines ?? [];
  return engines.find((engine) => engine.engine === draft.engine) ?? engines.find((engine) => engine.up) ?? engines[0];
}

/** The draft for another type or engine: a value that is typed otherwise there, words here and a choice there, is said anew. */
export function turned(draft: Draft, next: Partial<Draft>, types: readonly TaskType[]): Draft {
  const to = { ...draft, ...next };
  const fields = (of: Draft) => {
    const engine = engineOf(of, types);
    return engine ? fieldsOf(engine) : [];
  };
  const before = fields(draft);
  const { params } = paramsOf(before, draft.bag);
  const bag = { ...draft.bag };
  for (const field of fields(to)) {
    const was = before.find((one) => one.name === field.name);
    const raw = was && was.kind !== field.kind ? rawOf(field, params[field.name]) : undefined;
    if (raw !== undefined) bag[field.name] = raw;
  }
  return { ...to, bag };
}

export interface Asked {
  fields: Field[];
  /** One for each variation. */
  requests: GenerationRequest[];
  problems: Problems;
  waiting: string[];
}

/** What the draft asks for. Several variations of a seed that was given count up from it; else each draws its own. */
export function askedOf(draft: Draft, types: readonly TaskType[]): Asked {
  const engine = engineOf(draft, types);
  const fields = engine ? fieldsOf(engine) : [];
  const { params, problems } = paramsOf(fields, draft.bag);
  const shot = draft.shot.trim();
  const one: GenerationRequest = {
    task_type: draft.taskType,
    params,
    quality: draft.quality,
    ...(shot ? { shot } : {}),
    ...(draft.engine ? { engine: draft.engine } : {}),
  };
  const seed = params["seed"];
  const most = fields.find((field) => field.name === "seed" && field.kind === "number");
  const wrap = most?.kind === "number" && most.most !== undefined ? most.most + 1 : 2 ** 32;
  const count = Math.min(Math.max(Math.round(draft.count) || 1, 1), MOST_VARIATIONS);
  const requests = Array.from({ length: count }, (_, at) =>
    typeof seed === "number" && count > 1 ? { ...one, params: { ...params, seed: (seed + at) % wrap } } : one,
  );
  return { fields, requests, problems, waiting: leftOver(fields, draft.bag) };
}

/** What the service would take for a field that is empty: of the preset first, else the schema's own default. */
export function standing(field: Field, engine: Engine | undefined, quality: string): { json: string; from: "preset" | "default" } | undefined {
  const preset = engine?.qualities[quality]?.parameters[field.name];
  if (preset !== undefined && preset !== null) return { json: JSON.stringify(preset), from: "preset" };
  return field.default === undefined ? undefined : { json: field.default, from: "default" };
}

export function countSet(fields: readonly Field[], bag: Bag): number {
  return fields.filter((field) => !isEmpty(bag[field.name])).length;
}
