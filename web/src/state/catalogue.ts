// What can be asked for: task types with their engines, and qualities in rising order.
import { computed, signal } from "@preact/signals";
import { ask } from "./net";
import type { Engine, Params, TaskType } from "../wire";

export const types = signal<readonly TaskType[]>([]);
export const qualities = signal<readonly string[]>([]);
export const defaultQuality = signal("");

const AGAIN_MS = 15_000;
let timer: ReturnType<typeof setInterval> | undefined;

/** Engines that are down, with why. */
export const down = computed(() => {
  const found = new Map<string, string>();
  for (const type of types.value) for (const way of type.engines) if (!way.up) found.set(way.engine, way.reason);
  return found;
});

export const engineNames = computed(() => [...new Set(types.value.flatMap((type) => type.engines.map((way) => way.engine)))].sort());

export function beginCatalogue(): void {
  clearInterval(timer);
  timer = setInterval(() => void read(), AGAIN_MS);
  void read();
}

export function endCatalogue(): void {
  clearInterval(timer);
}

export async function read(): Promise<void> {
  try {
    const found = await ask<{ task_types: TaskType[] }>("api/v1/task-types");
    if (JSON.stringify(found.task_types) !== JSON.stringify(types.peek())) types.value = found.task_types;
    if (qualities.peek().length) return;
    const known = await ask<{ default: string; qualities: Record<string, unknown> }>("api/v1/quality");
    defaultQuality.value = "draft" in known.qualities ? "draft" : known.default;
    qualities.value = Object.keys(known.qualities);
  } catch {
    // the connection says when the service is away
  }
}

export function enginesOf(type: string): readonly Engine[] {
  return types.value.find((known) => known.name === type)?.engines ?? [];
}

/** The engine that will make it: the one that is wished, or the first that is up. */
export function engineFor(type: string, wished = ""): Engine | undefined {
  const ways = enginesOf(type);
  return ways.find((way) => way.engine === wished) ?? ways.find((way) => way.up) ?? ways[0];
}

/** The parameters that the engine knows: others would be refused. */
export function takenBy(way: Engine | undefined, params: Params): Params {
  const known = way?.params_schema.properties;
  return known ? Object.fromEntries(Object.entries(params).filter(([name]) => name in known)) : params;
}

/** The values that a parameter may have, where these are words. */
export function choicesOf(way: Engine | undefined, name: string): string[] {
  const schema = way?.params_schema;
  let found = schema?.properties?.[name];
  const all = [found, ...(found?.anyOf ?? []), ...(found?.allOf ?? [])];
  for (const one of all) {
    found = one?.$ref ? schema?.$defs?.[one.$ref.split("/").at(-1) ?? ""] : one;
    if (found?.enum) return found.enum.filter((value): value is string => typeof value === "string");
  }
  return [];
}
