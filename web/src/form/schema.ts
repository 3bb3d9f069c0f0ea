// A task type's JSON Schema -> the fields of a form. What is no field of a known kind is asked for as JSON.
import type { Engine, Schema } from "../wire";

export type FileKind = "image" | "video" | "audio";

export interface Option {
  /** The value as JSON: so 1 and "1" are two. */
  json: string;
  label: string;
}

interface Common {
  name: string;
  label: string;
  unit: string;
  description: string;
  required: boolean;
  /** What the service takes where nothing is given, as JSON; undefined where it is not told. */
  default: string | undefined;
}

export interface TextField extends Common { kind: "text"; long: boolean; minLength: number; maxLength: number | undefined; pattern: string | undefined }
export interface NumberField extends Common {
  kind: "number";
  integer: boolean;
  least: number | undefined;
  most: number | undefined;
  above: number | undefined;
  below: number | undefined;
  step: number | undefined;
}
export interface BooleanField extends Common { kind: "boolean" }
export interface ChoiceField extends Common { kind: "choice"; options: Option[] }
export interface SeveralField extends Common { kind: "several"; options: Option[] }
export interface ListField extends Common { kind: "list"; item: Field; least: number; most: number | undefined }
export interface ObjectField extends Common { kind: "object"; fields: Field[] }
export interface FileField extends Common { kind: "file"; takes: FileKind; many: boolean }
export interface ConstantField extends Common { kind: "constant"; json: string }
export interface JsonField extends Common { kind: "json" }

export type Field =
  | TextField | NumberField | BooleanField | ChoiceField | SeveralField | ListField | ObjectField | FileField
  | ConstantField | JsonField;

/** Ends of names that are units, as the wire has them: what is said behind a field. */
const UNITS: Record<string, string> = {
  px: "px", s: "s", ms: "ms", mm: "mm", cm: "cm", m: "m", deg: "°", hz: "Hz", khz: "kHz", db: "dB", bytes: "bytes",
  percent: "%", k: "K", fps: "fps",
};
const WHOLE: Record<string, [label: string, unit: string]> = { fps: ["Frame rate", "fps"], steps: ["Steps", ""] };
const LONG_TEXT = 250;
const DEEPEST = 6;
const WORDS = /^\^\(((?:[\w.:-]+)(?:\|[\w.:-]+)*)\)\$$/;

/** The fields of an engine's parameters, in the order of its schema: required ones and files come first. */
export function fieldsOf(engine: Pick<Engine, "params_schema" | "inputs">): Field[] {
  const schema = engine.params_schema;
  const files = new Map(engine.inputs.map((input) => [input.name, input]));
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([name, about]): Field => {
    const file = files.get(name);
    const field = fieldOf(name, about, required.has(name), schema, 0);
    if (!file) return field;
    const takes: FileKind = file["kind"] === "video" || file["kind"] === "audio" ? file["kind"] : "image";
    return { ...common(field), kind: "file", takes, many: file["many"] === true };
  });
  const weight = (field: Field) => (field.name === "prompt" ? 0 : field.kind === "file" && field.required ? 1 : field.required ? 2 : field.kind === "file" ? 3 : 4);
  return fields.map((field, at) => ({ field, at })).sort((a, b) => weight(a.field) - weight(b.field) || a.at - b.at).map(({ field }) => field);
}

function common({ name, label, unit, description, required, default: otherwise }: Field): Common {
  return { name, label, unit, description, required, default: otherwise };
}

export function fieldOf(name: string, about: Schema, required: boolean, root: Schema, depth: number): Field {
  const { schema, nullable } = resolved(about, root, depth);
  const { label, unit } = named(name, schema.title);
  const otherwise = schema.default === undefined || schema.default === null ? undefined : JSON.stringify(schema.default);
  const base: Common = { name, label, unit, description: schema.description ?? "", required: required && !nullable, default: otherwise };
  if (depth > DEEPEST) return { ...base, kind: "json" };
  if (schema.const !== undefined) {
    // one value or none at all is a choice; one value and no other is none
    return base.required ? { ...base, kind: "constant", json: JSON.stringify(schema.const) } : { ...base, kind: "choice", options: [option(schema.const)] };
  }
  const options = choices(schema);
  if (options) return { ...base, kind: "choice", options };
  switch (schema.type) {
    case "string": {
      const long = name === "prompt" || name.endsWith("prompt") || (schema.maxLength ?? 0) > LONG_TEXT;
      return { ...base, kind: "text", long, minLength: schema.minLength ?? 0, maxLength: schema.maxLength, pattern: schema.pattern };
    }
    case "integer":
    case "number":
      return {
        ...base, kind: "number", integer: schema.type === "integer", least: schema.minimum, most: schema.maximum,
        above: schema.exclusiveMinimum, below: schema.exclusiveMaximum, step: schema.multipleOf,
      };
    case "boolean":
      // without a default there are three answers: yes, no, none
      return base.default === undefined && !base.required ? { ...base, kind: "choice", options: [option(true), option(false)] } : { ...base, kind: "boolean" };
    case "array": {
      if (!schema.items) return { ...base, kind: "json" };
      const item = fieldOf(name, schema.items, true, root, depth + 1);
      if (item.kind === "choice" && (schema.maxItems === undefined || schema.maxItems >= item.options.length)) return { ...base, kind: "several", options: item.options };
      if (item.kind === "json" || item.kind === "list" || item.kind === "several") return { ...base, kind: "json" };
      return { ...base, kind: "list", item, least: schema.minItems ?? 0, most: schema.maxItems };
    }
    case "object": {
      if (!schema.properties) return { ...base, kind: "json" };
      const must = new Set(schema.required ?? []);
      return { ...base, kind: "object", fields: Object.entries(schema.properties).map(([inner, of]) => fieldOf(inner, of, must.has(inner), root, depth + 1)) };
    }
  }
  return { ...base, kind: "json" };
}

/** References put in, single branches taken, null told apart; what has several branches stays without a type. */
function resolved(about: Schema, root: Schema, depth: number): { schema: Schema; nullable: boolean } {
  let schema = about;
  let nullable = false;
  for (let turn = 0; turn < 8; turn++) {
    const name = schema.$ref?.match(/^#\/\$defs\/(.+)$/)?.[1];
    if (schema.$ref) {
      const { $ref: _, ...beside } = schema;
      schema = { ...(name ? root.$defs?.[name] ?? {} : {}), ...beside };
      continue;
    }
    if (schema.allOf?.length === 1) {
      const { allOf, ...beside } = schema;
      schema = { ...allOf[0], ...beside };
      continue;
    }
    const branches = schema.anyOf ?? schema.oneOf;
    if (branches) {
      const { anyOf: _, oneOf: __, ...beside } = schema;
      const left = branches.filter((branch) => branch.type !== "null" && branch.const !== null);
      nullable ||= left.length < branches.length;
      if (left.length === 1) {
        schema = { ...left[0], ...beside };
        continue;
      }
      const fields = left.map((branch) => resolved(branch, root, depth + 1).schema);
      const values = fields.map((field) => choices(field) && (field.enum ?? (field.const !== undefined ? [field.const] : undefined)));
      if (values.every((value) => value !== undefined)) return { schema: { ...beside, enum: values.flat() }, nullable };
      const types = new Set(fields.map((field) => field.type));
      if (types.size === 2 && types.has("integer") && types.has("number")) return { schema: { ...fields.find((field) => field.type === "number"), ...beside }, nullable };
      return { schema: beside, nullable };
    }
    if (Array.isArray(schema.type)) {
      const types = schema.type.filter((type) => type !== "null");
      nullable ||= types.length < schema.type.length;
      const { type: __, ...beside } = schema;
      schema = types.length === 1 ? { ...beside, type: types[0] as string } : beside;
    }
    return { schema, nullable };
  }
  return { schema: {}, nullable };
}

function choices(schema: Schema): Option[] | undefined {
  if (schema.const !== undefined) return [option(schema.const)];
  if (schema.enum) {
    const values = schema.enum.filter((value) => value !== null);
    return values.every((value) => ["string", "number", "boolean"].includes(typeof value)) ? values.map(option) : undefined;
  }
  // a pattern of words, and nothing else, is a choice of words
  const words = schema.type === "string" ? schema.pattern?.match(WORDS)?.[1] : undefined;
  return words?.split("|").map(option);
}

function option(value: unknown): Option {
  const label = typeof value === "boolean" ? (value ? "yes" : "no") : String(value).replaceAll("_", " ");
  return { json: JSON.stringify(value), label };
}

/** What a person reads of a name: `width_px` is a width, in px. A title that says more than the name is kept. */
export function named(name: string, title?: string): { label: string; unit: string } {
  const words = name.split("_");
  const own = title !== undefined && title.toLowerCase().replaceAll(" ", "_") !== name.toLowerCase();
  const whole = WHOLE[name];
  const unit = whole ? whole[1] : words.length > 1 ? UNITS[words.at(-1) ?? ""] ?? "" : "";
  if (own) return { label: title, unit };
  if (whole) return { label: whole[0], unit };
  const said = (unit ? words.slice(0, -1) : words).join(" ");
  return { label: said.charAt(0).toUpperCase() + said.slice(1), unit };
}
