import { strict as assert } from "node:assert";
import { test } from "node:test";
import { askedOf, emptyDraft, keepDraft, keptDraft, offered, seededDraft, standing, turned, type Draft } from "../src/form/draft";
import { refusalOf } from "../src/form/refusal";
import { referenceTo, shortName, thumbnailOf } from "../src/form/references";
import { fieldsOf, named, type Field } from "../src/form/schema";
import { paramsOf, rawOf } from "../src/form/values";
import type { Engine, Schema, Task, TaskType } from "../src/wire";

const engine = (params_schema: Schema, inputs: Engine["inputs"] = [], name = "one", up = true): Engine => ({
  engine: name, summary: "", params_schema, inputs, controls: [], up, reason: up ? "" : "it sleeps",
  qualities: { draft: { parameters: { steps: 8 }, lane: "", timeout_s: 60 } },
});
const only = (about: Schema, required = false, defs?: Record<string, Schema>): Field =>
  fieldsOf(engine({ properties: { x: about }, required: required ? ["x"] : [], ...(defs ? { $defs: defs } : {}) }))[0] as Field;

test("each construct of a schema becomes a field of its kind", () => {
  const kinds: [Schema, Field["kind"]][] = [
    [{ type: "string", maxLength: 200 }, "text"],
    [{ anyOf: [{ type: "integer", minimum: 1, maximum: 9 }, { type: "null" }], default: null }, "number"],
    [{ type: "number", exclusiveMinimum: 0 }, "number"],
    [{ anyOf: [{ type: "integer" }, { type: "number" }] }, "number"],
    [{ type: "boolean", default: true }, "boolean"],
    [{ anyOf: [{ type: "boolean" }, { type: "null" }], default: null }, "choice"],
    [{ enum: ["a", 2], default: "a" }, "choice"],
    [{ anyOf: [{ enum: ["a", "b"], type: "string" }, { type: "null" }] }, "choice"],
    [{ anyOf: [{ const: "a" }, { const: "b" }] }, "choice"],
    [{ type: "string", pattern: "^(extreme_wide|wide)$" }, "choice"],
    [{ type: "array", items: { enum: ["depth", "pose"] }, maxItems: 2 }, "several"],
    [{ type: "array", items: { type: "number" } }, "list"],
    [{ type: ["string", "null"] }, "text"],
    [{ type: "object", properties: { a: { type: "string" } } }, "object"],
    [{ $ref: "#/$defs/T" }, "object"],
    [{ allOf: [{ $ref: "#/$defs/T" }] }, "object"],
    [{ $ref: "#/$defs/Loop" }, "object"],
    [{ anyOf: [{ type: "string" }, { type: "object", properties: {} }] }, "json"],
    [{ type: "object", additionalProperties: true }, "json"],
    [{ type: "array", prefixItems: [{ type: "string" }] } as Schema, "json"],
    [{}, "json"],
  ];
  const defs: Record<string, Schema> = {
    T: { type: "object", properties: { a: { type: "integer" } } },
    Loop: { type: "object", properties: { again: { $ref: "#/$defs/Loop" } } },
  };
  for (const [about, kind] of kinds) assert.equal(only(about, false, defs).kind, kind, JSON.stringify(about));
  assert.equal(only({ const: "v1" }, true).kind, "constant");
});

test("a reference to itself ends", () => {
  const field = only({ $ref: "#/$defs/Loop" }, false, { Loop: { type: "object", properties: { again: { $ref: "#/$defs/Loop" } } } });
  assert.match(JSON.stringify(field), /"kind":"json"/);
});

test("units are taken out of names, and a title that says more is kept", () => {
  assert.deepEqual(named("width_px", "Width Px"), { label: "Width", unit: "px" });
  assert.deepEqual(named("duration_s"), { label: "Duration", unit: "s" });
  assert.deepEqual(named("fps", "Fps"), { label: "Frame rate", unit: "fps" });
  assert.deepEqual(named("shot", "Shot size"), { label: "Shot size", unit: "" });
  assert.deepEqual(named("s"), { label: "S", unit: "" });
});

test("what is empty is left out, what is typed becomes what it says, what is wrong is told by field", () => {
  const fields = fieldsOf(engine({
    properties: {
      prompt: { type: "string", minLength: 1, maxLength: 5 },
      steps: { anyOf: [{ type: "integer", minimum: 1, maximum: 200 }, { type: "null" }], default: null },
      width_px: { type: "integer", multipleOf: 2 },
      noise: { type: "number", exclusiveMinimum: 0 },
      control: { type: "array", items: { enum: ["depth", "pose"] } },
      extra: {},
      camera: { type: "object", properties: { lens_mm: { type: "number", minimum: 8 } }, required: ["lens_mm"] },
      weights: { type: "array", items: { type: "number" }, maxItems: 2 },
      style: { const: "v1" },
    },
    required: ["prompt", "style"],
  }));
  const good = paramsOf(fields, { prompt: "héllo", steps: "8", noise: "0.5", control: ['"pose"'], extra: '{"a": [1]}', camera: { lens_mm: "35" }, weights: ["1", "2.5"] });
  assert.deepEqual(good.problems, {});
  assert.deepEqual(good.params, { prompt: "héllo", steps: 8, noise: 0.5, control: ["pose"], extra: { a: [1] }, camera: { lens_mm: 35 }, weights: [1, 2.5], style: "v1" });
  const bad = paramsOf(fields, { prompt: "", steps: "0", width_px: "3", noise: "0", extra: "{", camera: { lens_mm: "2" }, weights: ["1", "", "3"] });
  assert.deepEqual(Object.keys(bad.problems).sort(), ["camera.lens_mm", "extra", "noise", "prompt", "steps", "weights", "weights.1", "width_px"]);
  assert.equal(paramsOf(fields, { prompt: "\u{1F30A}".repeat(5) }).problems["prompt"], undefined, "characters are counted as the service counts them");
  assert.match(String(paramsOf(fields, { prompt: "a", steps: "1.5" }).problems["steps"]), /whole/);
});

test("parameters of a take fill the fields, and what a field cannot show is not forced into it", () => {
  const choice = only({ enum: ["a", 1] });
  assert.equal(rawOf(choice, 1), "1");
  assert.equal(rawOf(choice, "1"), undefined);
  const params = { prompt: "x", steps: 3, control: ["pose"], source: "film/uploads/a.png", refs: [{ from_task: "t1" }] };
  const fields = fieldsOf(engine(
    { properties: { prompt: { type: "string" }, steps: { type: "integer" }, control: { type: "array", items: { enum: ["pose"] } }, source: { type: "string" }, refs: {} }, required: [] },
    [{ name: "source", kind: "image" }, { name: "refs", kind: "image", many: true }],
  ));
  const bag = Object.fromEntries(fields.map((field) => [field.name, rawOf(field, params[field.name as keyof typeof params])]).filter(([, raw]) => raw !== undefined));
  assert.deepEqual(paramsOf(fields, bag).params, params);
});

const TYPES: TaskType[] = [
  { ...engine({ properties: { source_image: { type: "string" } }, required: ["source_image"] }, [{ name: "source_image", kind: "image" }]), name: "image_to_video", engines: [engine({ properties: { source_image: { type: "string" } }, required: ["source_image"] }, [{ name: "source_image", kind: "image" }])] },
  {
    ...engine({ properties: { prompt: { type: "string" } }, required: ["prompt"] }), name: "text_to_image",
    engines: [
      engine({ properties: { prompt: { type: "string" }, guidance: { type: "number" } }, required: ["prompt"] }, [], "down", false),
      engine({ properties: { prompt: { type: "string" }, seed: { type: "integer", maximum: 10 }, style: { enum: ["ink"] } }, required: ["prompt"] }, [], "up"),
    ],
  },
];
const text = (draft: Partial<Draft>): Draft => ({ ...emptyDraft(TYPES, "draft"), ...draft });

test("the form begins with what words are enough for", () => assert.equal(emptyDraft(TYPES, "draft").taskType, "text_to_image"));

test("what was typed outlives a change of engine, as far as it fits", () => {
  const draft = text({ bag: { prompt: "a", style: '"ink"', seed: "3" } });
  assert.deepEqual(askedOf(draft, TYPES).requests[0]?.params, { prompt: "a", style: "ink", seed: 3 });
  const other = askedOf({ ...draft, engine: "down" }, TYPES);
  assert.deepEqual(other.requests[0], { task_type: "text_to_image", quality: "draft", engine: "down", params: { prompt: "a" } });
  assert.deepEqual(other.waiting.sort(), ["seed", "style"]);
  assert.deepEqual(askedOf({ ...draft, engine: "up" }, TYPES).requests[0]?.params, { prompt: "a", style: "ink", seed: 3 }, "and comes back");
});

test("variations are requests of their own: a given seed counts up and wraps, none is drawn for each", () => {
  const seeds = askedOf(text({ count: 3, bag: { prompt: "a", seed: "9" } }), TYPES).requests.map((one) => one.params["seed"]);
  assert.deepEqual(seeds, [9, 10, 0]);
  const drawn = askedOf(text({ count: 2, bag: { prompt: "a" } }), TYPES).requests;
  assert.deepEqual(drawn.map((one) => one.params), [{ prompt: "a" }, { prompt: "a" }]);
  assert.equal(askedOf(text({ count: Number.NaN, bag: { prompt: "a" } }), TYPES).requests.length, 1);
});

test("a draft outlives a reload, and one of another shape is forgotten", () => {
  const kept = new Map<string, string>();
  const store = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) };
  const draft = text({ shot: "12A", bag: { prompt: "a" } });
  keepDraft(store, "film", draft);
  assert.deepEqual(keptDraft(store, "film", TYPES, "draft"), draft);
  assert.deepEqual(keptDraft(store, "other", TYPES, "draft"), emptyDraft(TYPES, "draft"));
  kept.set("auteur.compose.film", "{");
  assert.deepEqual(keptDraft(store, "film", TYPES, "draft"), emptyDraft(TYPES, "draft"));
  keepDraft({ ...store, setItem: () => { throw new Error("full"); } }, "film", draft);
});

test("a value that is a choice here and words there is said anew when the type changes", () => {
  const schema = (about: Schema): Schema => ({ properties: { prompt: { type: "string" }, move: about } });
  const type = (name: string, about: Schema) => ({ name, ...engine(schema(about)), engines: [engine(schema(about))] }) as unknown as TaskType;
  const types = [type("still", { enum: ["pan_left", "hold"] }), type("shot", { type: "string" })];
  const draft: Draft = { ...emptyDraft(types, "draft"), taskType: "still", bag: { prompt: "a pier", move: '"pan_left"' } };
  const words = turned(draft, { taskType: "shot" }, types);
  assert.deepEqual(askedOf(words, types).requests[0]?.params, { prompt: "a pier", move: "pan_left" });
  assert.deepEqual(askedOf(turned(words, { taskType: "still" }, types), types).requests[0]?.params, { prompt: "a pier", move: "pan_left" });
});

test("what hands a film over is not offered by the form", () => {
  const type = (name: string, by: string) => ({ name, engines: [engine({}, [], by)] }) as unknown as TaskType;
  assert.deepEqual(offered([type("film_board", "editorial"), type("text_to_image", "previs")]).map((one) => one.name), ["text_to_image"]);
});

test("a seed fills the form with its parameters and nothing of before", () => {
  const seeded = seededDraft({ task_type: "text_to_image", params: { prompt: "new", unknown: 1 }, shot: "3" }, text({ bag: { prompt: "old", style: '"ink"' } }), TYPES);
  assert.deepEqual(seeded.bag, { prompt: "new" });
  assert.equal(seeded.shot, "3");
});

test("the preset stands where nothing was typed, then the default", () => {
  const [steps, ease] = fieldsOf(engine({ properties: { steps: { type: "integer", default: 3 }, ease: { enum: ["in"], default: "in" } } })) as [Field, Field];
  const known = engine({});
  assert.deepEqual(standing(steps, known, "draft"), { json: "8", from: "preset" });
  assert.deepEqual(standing(ease, known, "draft"), { json: '"in"', from: "default" });
});

test("a refusal of the service is said at its field, by whatever door it came", () => {
  const fields = fieldsOf(engine({ properties: { shot: { type: "string" }, control: { type: "array", items: { type: "number" } }, camera: { type: "object", properties: { lens_mm: { type: "number" } } } } }));
  const problems = [{ field: "shot", message: "no" }, { field: "control.1", message: "twice" }, { field: "camera.lens_mm", message: "short" }, { field: "nowhere", message: "what" }];
  assert.deepEqual(refusalOf({ code: "INVALID_PARAMS", message: "m", details: { problems } }, fields), {
    fields: { shot: "no", "control.1": "twice", "camera.lens_mm": "short" }, rest: "nowhere: what",
  });
  assert.deepEqual(refusalOf({ code: "INVALID_MESSAGE", message: "m", details: { problems: [{ field: "shot", message: "long" }, { field: "params.shot", message: "no" }] } }, fields).fields, { "#shot": "long", shot: "no" });
  assert.deepEqual(refusalOf({ code: "UNKNOWN_QUALITY", message: "m" }, fields).fields, { "#quality": "m" });
  assert.equal(refusalOf({ code: "QUEUE_FULL", message: "later" }, fields).rest, "later");
  assert.match(refusalOf(undefined, fields).rest, /nothing was lost/);
});

test("a take from the board is its file of the kind, its pass for a pass, and what it will make while it is open", () => {
  const files = [
    { name: "frame.png", kind: "image", url: "/f" }, { name: "control-depth.png", kind: "control", url: "/d" },
  ];
  const take = { task_id: "t1", status: "succeeded", result: { artifacts: files } } as unknown as Task;
  assert.equal(referenceTo(take, "image", null), "/f");
  assert.equal(referenceTo(take, "image", "depth"), "/d");
  assert.equal(referenceTo(take, "video", null), null);
  assert.deepEqual(referenceTo({ ...take, status: "queued" }, "image", null), { from_task: "t1" });
});

test("a file's small picture is asked of this service only", () => {
  assert.equal(thumbnailOf("/api/v1/projects/film/artifacts/uploads/a.png", "film"), "/api/v1/projects/film/artifacts/uploads/a.png?width=256");
  assert.equal(thumbnailOf("film/uploads/a b.png", "film"), "api/v1/projects/film/artifacts/uploads/a%20b.png?width=256");
  assert.equal(thumbnailOf("uploads/x.png", "uploads"), "api/v1/projects/uploads/artifacts/uploads/x.png?width=256");
  assert.equal(thumbnailOf("https://elsewhere.example/a.png", "film"), null);
  assert.equal(shortName("/api/v1/projects/film/artifacts/uploads/a%20b.png?x"), "a b.png");
});
