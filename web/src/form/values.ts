// What a person typed -> the parameters of a request, and back. What was typed is kept as it was typed: a number that
// is none yet, JSON that is not whole. Empty is left out, so that the service's own default holds.
import type { Params } from "../wire";
import type { Field } from "./schema";

export type Raw = string | boolean | Raw[] | { [name: string]: Raw };
export type Bag = Record<string, Raw>;

/** What is wrong, by the path of the field: `control.0`, `camera.lens_mm`. */
export type Problems = Record<string, string>;

/** A parameter as it would have been typed; undefined if this field cannot show it. */
export function rawOf(field: Field, value: unknown): Raw | undefined {
  if (value === null || value === undefined) return undefined;
  switch (field.kind) {
    case "text":
      return typeof value === "string" ? value : undefined;
    case "number":
      return typeof value === "number" && Number.isFinite(value) ? String(value) : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "choice": {
      const json = JSON.stringify(value);
      return field.options.some((option) => option.json === json) ? json : undefined;
    }
    case "several": {
      if (!Array.isArray(value)) return undefined;
      const jsons = value.map((one) => JSON.stringify(one));
      return jsons.every((json) => field.options.some((option) => option.json === json)) ? jsons : undefined;
    }
    case "list": {
      const items = Array.isArray(value) ? value.map((one) => rawOf(field.item, one)) : [undefined];
      return items.includes(undefined) ? undefined : (items as Raw[]);
    }
    case "object": {
      if (typeof value !== "object" || Array.isArray(value)) return undefined;
      const known = field.fields.map((inner) => [inner.name, rawOf(inner, (value as Params)[inner.name])] as const);
      return Object.fromEntries(known.filter((pair): pair is [string, Raw] => pair[1] !== undefined));
    }
    case "file":
      return (Array.isArray(value) ? value : [value]).map((one) => (typeof one === "string" ? one : { ...(one as { [name: string]: Raw }) }));
    case "constant":
      return undefined;
    case "json":
      return JSON.stringify(value, null, 1);
  }
}

/** Whether what was typed, for this or another engine, can stand in this field. */
export function fits(field: Field, raw: Raw | undefined): boolean {
  if (raw === undefined) return false;
  switch (field.kind) {
    case "text":
    case "json":
      return typeof raw === "string";
    case "number":
      return typeof raw === "string" && (raw.trim() === "" || !Number.isNaN(Number(raw)));
    case "boolean":
      return typeof raw === "boolean";
    case "choice":
      return raw === "" || field.options.some((option) => option.json === raw);
    case "several":
      return Array.isArray(raw) && raw.every((one) => field.options.some((option) => option.json === one));
    case "list":
      return Array.isArray(raw) && raw.every((one) => fits(field.item, one));
    case "file":
      return Array.isArray(raw) && (field.many || raw.length <= 1);
    case "object":
      return typeof raw === "object" && !Array.isArray(raw);
    case "constant":
      return false;
  }
}

export function isEmpty(raw: Raw | undefined): boolean {
  if (raw === undefined || raw === "") return true;
  if (typeof raw === "string" || typeof raw === "boolean") return false;
  return Array.isArray(raw) ? raw.length === 0 : Object.values(raw).every(isEmpty);
}

/** The parameters, and what is known to be wrong with them before the service says so. */
export function paramsOf(fields: readonly Field[], bag: Bag): { params: Params; problems: Problems } {
  const params: Params = {};
  const problems: Problems = {};
  for (const field of fields) {
    const raw = bag[field.name];
    const value = valueOf(field, fits(field, raw) ? raw : undefined, field.name, problems);
    if (value !== undefined) params[field.name] = value;
  }
  return { params, problems };
}

function valueOf(field: Field, raw: Raw | undefined, path: string, problems: Problems): unknown {
  if (field.kind === "constant") return JSON.parse(field.json);
  if (isEmpty(raw) && !(field.kind === "object" && field.required)) {
    if (field.required && field.default === undefined) problems[path] = field.kind === "file" ? "A file is needed here." : "This is needed.";
    return undefined;
  }
  switch (field.kind) {
    case "text": {
      const text = raw as string;
      const length = [...text].length;
      if (length < field.minLength) problems[path] = `At least ${field.minLength} characters.`;
      if (field.maxLength !== undefined && length > field.maxLength) problems[path] = `At most ${field.maxLength} characters; these are ${length}.`;
      return text;
    }
    case "number": {
      const value = Number(raw as string);
      const problem = numberProblem(field, value);
      if (problem) problems[path] = problem;
      return value;
    }
    case "boolean":
      return raw;
    case "choice":
      return JSON.parse(raw as string);
    case "several":
      return (raw as string[]).map((json) => JSON.parse(json) as unknown);
    case "list": {
      const items = (raw as Raw[]).map((one, at) => valueOf({ ...field.item, required: true }, one, `${path}.${at}`, problems));
      if (items.length < field.least) problems[path] = `At least ${field.least}.`;
      if (field.most !== undefined && items.length > field.most) problems[path] = `At most ${field.most}.`;
      return items;
    }
    case "object": {
      const inner: Params = {};
      for (const part of field.fields) {
        const typed = (raw as Record<string, Raw> | undefined)?.[part.name];
        const value = valueOf(part, fits(part, typed) ? typed : undefined, `${path}.${part.name}`, problems);
        if (value !== undefined) inner[part.name] = value;
      }
      return inner;
    }
    case "file":
      return field.many ? raw : (raw as Raw[])[0];
    case "json":
      try {
        return JSON.parse(raw as string) as unknown;
      } catch {
        problems[path] = "This is not whole JSON.";
        return undefined;
      }
  }
}

function numberProblem(field: Extract<Field, { kind: "number" }>, value: number): string {
  if (!Number.isFinite(value)) return "This is no number.";
  if (field.integer && !Number.isInteger(value)) return "A whole number.";
  const { least, most, above, below, step } = field;
  const unit = field.unit && ` ${field.unit}`;
  if ((least !== undefined && value < least) || (most !== undefined && value > most)) {
    return least !== undefined && most !== undefined ? `From ${least} to ${most}${unit}.` : least !== undefined ? `At least ${least}${unit}.` : `At most ${most}${unit}.`;
  }
  if (above !== undefined && value <= above) return `More than ${above}${unit}.`;
  if (below !== undefined && value >= below) return `Less than ${below}${unit}.`;
  if (step && Math.abs(value / step - Math.round(value / step)) > 1e-9) return `A multiple of ${step}${unit}.`;
  return "";
}

/** A bag for the fields, of parameters that are known: of a take that is made again, say. */
export function bagOf(fields: readonly Field[], params: Params): Bag {
  const known = fields.map((field) => [field.name, rawOf(field, params[field.name])] as const);
  return Object.fromEntries(known.filter((pair): pair is [string, Raw] => pair[1] !== undefined));
}

/** Names of what was typed and is not asked for here: it waits for an engine that takes it. */
export function leftOver(fields: readonly Field[], bag: Bag): string[] {
  const shown = new Set(fields.filter((field) => fits(field, bag[field.name])).map((field) => field.name));
  return Object.keys(bag).filter((name) => !shown.has(name) && !isEmpty(bag[name]));
}
