// Everything that the client can ask, of a real service.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import WebSocket from "ws";
import { Auteur, AuteurError } from "@auteur/client";
import { Line, Service, TINY, asked, awaited } from "./service.mjs";

const OPERATOR = "an-operator-s-own-token-of-the-tests";
let service;
let auteur;
before(async () => {
  service = await Service.start();
  auteur = new Auteur({ url: service.url, WebSocket });
});
after(() => service.remove());

async function made(project, request = asked()) {
  const task = await auteur.submit(project, request);
  const socket = auteur.open(project);
  for await (const message of socket.watch(task.task_id)) assert.notEqual(message.type, "error", message.message);
  socket.close();
  return auteur.task(project, task.task_id);
}

test("what can be asked for is told", async () => {
  assert.equal((await auteur.info()).protocol_version, 1);
  const { task_types } = await auteur.taskTypes();
  assert.ok(task_types.some((type) => type.name === "text_to_image" && type.params_schema.properties.prompt));
  const { default: usual, qualities } = await auteur.quality();
  assert.ok(qualities[usual].task_types.text_to_image.parameters.steps > 0);
  assert.equal((await auteur.session()).access, "anonymous");
});

test("a task is asked for, watched, read, marked, made again, and deleted", async () => {
  const task = await made("whole", { ...asked(), shot: "12A", metadata: { node: "n1" } });
  assert.deepEqual([task.status, task.shot, task.take, task.metadata.node], ["succeeded", "12A", 1, "n1"]);
  const [frame] = task.result.artifacts;
  const picture = Buffer.from(await (await auteur.fetchArtifact(frame)).arrayBuffer());
  assert.equal(picture.length, frame.size_bytes);
  assert.match((await auteur.fetchArtifact(frame, { width: 64 })).headers.get("Content-Type"), /webp/);
  await assert.rejects(auteur.fetchArtifact("/api/v1/projects/whole/artifacts/no/1/such.png"), { code: "ARTIFACT_NOT_FOUND" });
  assert.equal((await auteur.mark("whole", task.task_id, { favourite: true })).favourite, true);
  const better = await auteur.promote("whole", task.task_id, { quality: "draft", params: { seed: 5 } });
  assert.deepEqual([better.promoted_from, better.take], [task.task_id, 2]);
  const { tasks } = await auteur.lineage("whole", better.task_id);
  assert.deepEqual(tasks.map((one) => one.task_id), [task.task_id, better.task_id]);
  for await (const shot of auteur.shots("whole")) assert.deepEqual([shot.shot, shot.takes], ["12A", 2]);
  const socket = auteur.open("whole");
  for await (const message of socket.watch(better.task_id)) void message;
  await auteur.delete("whole", task.task_id);
  await assert.rejects(auteur.task("whole", task.task_id), { code: "TASK_DELETED", status: 410 });
  await assert.rejects(async () => {
    for await (const message of socket.watch(task.task_id)) void message;
  }, { code: "TASK_DELETED" });
  socket.close();
});

test("a picture is brought as a blob, a file, or a stream, and a task takes it", async () => {
  const [frame] = (await made("brought")).result.artifacts;
  const bytes = Buffer.from(await (await auteur.fetchArtifact(frame)).arrayBuffer());
  const blob = new Blob([bytes], { type: "image/png" });
  const given = [blob, new File([bytes], "still.png"), blob.stream()];
  for (const picture of given) {
    const brought = await auteur.upload("brought", picture, "still.png");
    assert.deepEqual([brought.media_type, brought.size_bytes], ["image/png", bytes.length]);
    const params = { source_image: brought.path, duration_s: 0.5, steps: 1, width_px: 64, height_px: 64 };
    assert.ok((await auteur.submit("brought", { task_type: "image_to_video", quality: "draft", params })).task_id);
  }
  await assert.rejects(auteur.upload("brought", new Blob(["no picture"])), { code: "UNSUPPORTED_MEDIA_TYPE", status: 415 });
});

test("tasks are read page after page, as they are filtered", async () => {
  const requests = Array.from({ length: 7 }, (_, n) => ({ ...asked(n), shot: n % 2 ? "1A" : "2B", name: `n${n}` }));
  const batch = await auteur.batch("paged", requests);
  assert.deepEqual(Object.keys(batch.names), requests.map((request) => request.name));
  const all = [];
  for await (const task of auteur.tasks("paged", { limit: 2 })) all.push(task.task_id);
  assert.deepEqual(all.sort(), batch.tasks.map((task) => task.task_id).sort());
  const some = [];
  for await (const task of auteur.tasks("paged", { limit: 2, shot: "1A", status: ["queued", "running", "succeeded"] })) some.push(task.shot);
  assert.deepEqual(some, ["1A", "1A", "1A"]);
  const page = await auteur.page("paged", { limit: 3 });
  assert.equal(page.tasks.length, 3);
  assert.equal((await auteur.page("paged", { limit: 200, cursor: page.next })).tasks.length, 4);
  const known = [];
  for await (const project of auteur.projects({ limit: 1 })) known.push(project.project_id);
  assert.ok(known.includes("paged"));
});

test("a board is asked for on the socket, all or nothing", async () => {
  const socket = auteur.open("board");
  const names = ["a", "b"].map((name, n) => ({ ...asked(n), name }));
  const batch = await awaited("the batch", socket.startBatch(names));
  assert.deepEqual(Object.values(batch.names), batch.task_ids);
  await assert.rejects(socket.startBatch([{ ...asked(), task_type: "none" }]), (error) =>
    error instanceof AuteurError && error.code === "INVALID_BATCH" && error.details.problems[0].index === 0);
  for (const taskId of batch.task_ids) for await (const message of socket.watch(taskId)) void message;
  const better = await socket.promote(batch.task_ids[0], { quality: "draft" });
  for await (const message of socket.watch(better.task_id)) void message;
  const deleted = new Promise((resolve) => socket.on("task_deleted", resolve));
  await socket.deleteTask(batch.task_ids[1]);
  assert.equal((await awaited("its deletion", deleted)).task_id, batch.task_ids[1]);
  await socket.deleteTask(batch.task_ids[1]);
  socket.close();
});

test("the same key is the same task, over every door and over again", async () => {
  const key = crypto.randomUUID();
  const first = await auteur.submit("once", asked(), { idempotencyKey: key });
  assert.equal((await auteur.submit("once", asked(), { idempotencyKey: key })).task_id, first.task_id);
  const socket = auteur.open("once", { after: "0" });
  assert.equal((await socket.start(asked(), { id: key })).task_id, first.task_id);
  assert.equal((await socket.start(asked(), { id: key.toUpperCase() })).task_id, first.task_id);
  await assert.rejects(socket.start(asked(2), { id: key }), { code: "IDEMPOTENCY_CONFLICT" });
  await assert.rejects(auteur.submit("once", asked(2), { idempotencyKey: key }), { code: "IDEMPOTENCY_CONFLICT", status: 409 });
  socket.close();
});

test("an answer that was lost is asked for again, and made once", async (t) => {
  const line = await Line.to(service);
  t.after(() => line.close());
  let lost = 0;
  const careless = async (address, options) => {
    const answer = await fetch(address, options);
    if (lost++ < 2) throw new TypeError("the line broke when the answer was on its way");
    return answer;
  };
  const far = new Auteur({ url: line.url, fetch: careless });
  const task = await far.submit("lost", asked());
  const all = [];
  for await (const one of auteur.tasks("lost")) all.push(one.task_id);
  assert.deepEqual(all, [task.task_id]);
  assert.equal(lost, 3);
  lost = 0;
  const bytes = new Blob(["x"]);
  await assert.rejects(far.upload("lost", bytes), { code: "NETWORK" });
  assert.equal(lost, 1, "an upload is not sent again: it may be there already");
  lost = 10;
  await assert.rejects(far.submit("lost", { task_type: "none", params: {} }), { code: "UNKNOWN_TASK_TYPE", status: 422 });
  assert.equal(lost, 11, "what is wrong is not sent again");
});

test("'not now' is waited for as long as it says, and beyond a bound it is told", async () => {
  const slow = await Service.start({ BACKEND_MAX_QUEUED_PER_PROJECT: "1", BACKEND_MAX_CONCURRENT_TASKS: "1" });
  try {
    const here = new Auteur({ url: slow.url, maxRetryAfterS: 1 });
    const long = { task_type: "text_to_image", quality: "ultra", params: { ...TINY, width_px: 512, height_px: 512, steps: 200 } };
    const refused = await (async () => {
      for (;;) await here.submit("full", long);
    })().catch((error) => error);
    assert.deepEqual([refused.code, refused.status, refused.temporary], ["QUEUE_FULL", 429, true]);
    assert.ok(refused.retryAfterS > 1);
    for await (const task of here.tasks("full")) await here.cancel("full", task.task_id);
  } finally {
    await slow.remove();
  }
});

test("a task that is cancelled ends so, and a watch of what has ended says how", async () => {
  const socket = auteur.open("stopped");
  const { task_id: taskId } = await socket.start({ ...asked(), params: { ...TINY, width_px: 512, height_px: 512, steps: 200 } });
  await socket.cancel(taskId);
  const told = [];
  for await (const message of socket.watch(taskId)) told.push(message);
  assert.equal(told.at(-1).error_code, "TASK_CANCELLED");
  const again = [];
  for await (const message of socket.watch(taskId)) again.push(message);
  assert.deepEqual(again.map((message) => [message.type, message.error_code]), [["error", "TASK_CANCELLED"]]);
  await assert.rejects(socket.cancel(taskId), { code: "TASK_ENDED" });
  await assert.rejects(socket.cancel("none"), { code: "TASK_NOT_FOUND" });
  socket.close();
});

test("sixty things said at once are all answered, though only twenty a second are heard", async () => {
  const socket = auteur.open("hasty");
  const { task_id: taskId } = await socket.start(asked());
  for await (const message of socket.watch(taskId)) void message;
  await awaited("all answers", Promise.all(Array.from({ length: 60 }, (_, n) => socket.mark(taskId, { favourite: n % 2 === 0 }))));
  socket.close();
});

test("what was trimmed from the history is a fresh state", async () => {
  const small = await Service.start({ BACKEND_HISTORY_EVENTS: "200" });
  try {
    const here = new Auteur({ url: small.url, WebSocket });
    const task = await here.submit("old", asked());
    const { position } = await here.project("old");
    for (let n = 0; n < 400; n++) await here.mark("old", task.task_id, { favourite: n % 2 === 0 });
    const socket = here.open("old", { after: position });
    const lost = await awaited("the loss to be told", new Promise((resolve) => socket.on("history_lost", resolve)));
    assert.equal(lost.state.tasks[0].task_id, task.task_id);
    assert.equal(lost.state.tasks[0].error, null, "what a message leaves out is null, as its type says");
    socket.close();
  } finally {
    await small.remove();
  }
});

test("with a token everything is open, without one nothing, and a wrong one ends the socket", async () => {
  const closed = await Service.start({ BACKEND_TOKEN: OPERATOR });
  try {
    const known = new Auteur({ url: closed.url, WebSocket, token: OPERATOR });
    assert.equal((await known.session()).principal.id.length > 0, true);
    const socket = known.open("film");
    const { task_id: taskId } = await awaited("an answer", socket.start(asked()));
    for await (const message of socket.watch(taskId)) void message;
    socket.close();
    const [frame] = (await known.task("film", taskId)).result.artifacts;
    assert.ok((await known.fetchArtifact(frame)).ok);
    const nobody = new Auteur({ url: closed.url, WebSocket });
    await assert.rejects(nobody.project("film"), { code: "UNAUTHENTICATED", status: 401 });
    assert.equal((await awaited("the end", nobody.open("film").closed)).code, "UNAUTHENTICATED");
    const wrong = new Auteur({ url: closed.url, WebSocket, token: "wrong" });
    assert.equal((await awaited("the end", wrong.open("film").closed)).code, "UNAUTHENTICATED");
    const later = new Auteur({ url: closed.url, WebSocket, token: "wrong", onUnauthenticated: async () => OPERATOR });
    const back = later.open("film");
    await awaited("the state", new Promise((resolve) => back.on("state", resolve)));
    back.close();
    assert.ok(!closed.log.includes(OPERATOR));
  } finally {
    await closed.remove();
  }
});

test("a service that is no auteur, and one that is not there, are said to be so", async () => {
  await assert.rejects(new Auteur({ url: `${service.url}/assets`, retries: 0 }).info(), AuteurError);
  await assert.rejects(new Auteur({ url: "http://127.0.0.1:9", retries: 1 }).info(), { code: "NETWORK", status: 0 });
  await assert.rejects(auteur.task("..", "x"), TypeError);
  await assert.rejects(auteur.delete("film", ""), TypeError);
});

test("a service below a path is asked below it, and its files are found there", () => {
  const below = new Auteur({ url: "https://films.example/auteur/" });
  const told = "/api/v1/projects/film/artifacts/t/1/frame.png";
  assert.equal(below.artifactUrl(told), `https://films.example/auteur${told}`);
  assert.equal(below.artifactUrl({ url: `/auteur${told}` }, 256), `https://films.example/auteur${told}?width=256`);
});
