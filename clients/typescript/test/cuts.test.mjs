// The line is cut again and again, and the service killed: each event is heard once, in order, as the service's own log
// has it, and whatever was asked for is one task. CLIENT_CUTS and CLIENT_RESTARTS say how often.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { applyMessage, Auteur, projectState } from "@auteur/client";
import { Line, Service, asked, awaited } from "./service.mjs";

const CUTS = Number(process.env.CLIENT_CUTS ?? 40);
const RESTARTS = Number(process.env.CLIENT_RESTARTS ?? 3);
const QUICK = { baseMs: 5, capMs: 100, stableMs: 1000 };
const NEVER_TOLD = ["queue_position", "cancel_requested"];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Follows a project by every means there is, and says how that differs from what the service says of itself. */
class Follower {
  constructor(auteur, project, service) {
    Object.assign(this, { auteur, project, service, typed: [], looped: [], state: undefined, lost: 0 });
    this.socket = auteur.open(project, { backoff: QUICK, answerMs: 3000 });
    this.socket.on("message", (message) => {
      if (isOfTheLog(message)) this.typed.push(message);
      this.state = this.state ? applyMessage(this.state, message) : projectState(message.state);
    });
    this.socket.on("history_lost", () => this.lost++);
    this.looping = (async () => {
      for await (const message of this.socket) if (isOfTheLog(message)) this.looped.push(message);
    })();
  }

  async caughtUp() {
    const { position } = await this.auteur.project(this.project);
    while (this.socket.position !== position) await sleep(20);
    return position;
  }

  async check() {
    await awaited("all that happened to be heard", this.caughtUp());
    const log = await this.service.events(this.project);
    const heard = this.typed.map((message) => message.position);
    assert.deepEqual(heard, log.map((message) => message.position), "each once and in order");
    assert.deepEqual(this.typed.map(plain), log.map(plain), "as the service's own log has it");
    assert.equal(this.lost, 0);
    const view = await this.auteur.project(this.project);
    assert.equal(view.position, this.state.position);
    for (const task of view.tasks) assert.deepEqual(record(this.state.tasks.get(task.task_id)), record(task));
    assert.deepEqual(this.state.counts, view.counts);
    assert.equal(this.state.counts_are_exact, true);
    this.socket.close();
    await this.looping;
    assert.deepEqual(this.looped.map((message) => message.position), heard);
    return log;
  }
}

const isOfTheLog = (message) => message.type !== "connected" && message.position !== undefined;
const plain = (message) => JSON.parse(JSON.stringify(message, (_, value) => value ?? undefined));

function record(task) {
  const known = { ...plain(task) };
  for (const name of NEVER_TOLD) delete known[name];
  return known;
}

test(`${CUTS} random cuts of the line, and everything asked for is done once`, { timeout: 3_600_000 }, async (t) => {
  const service = await Service.start();
  t.after(() => service.remove());
  const line = await Line.to(service);
  t.after(() => line.close());
  const follower = new Follower(new Auteur({ url: line.url, WebSocket }), "film", service);
  const { socket } = follower;
  const keys = new Set();
  const accepted = [];
  let isCutting = true;
  const connected = () => new Promise((resolve) => {
    const off = socket.on("connected", () => resolve(off()));
  });
  const cutting = (async () => {
    while (line.cuts < CUTS) {
      if (socket.status.status !== "live") await Promise.race([connected(), sleep(500)]); // some before it is greeted
      await sleep(Math.random() ** 2 * 400);
      line.cut();
    }
    isCutting = false;
  })();
  const asking = async (worker) => {
    for (let n = 0; isCutting; n++) {
      const id = crypto.randomUUID();
      keys.add(id);
      const task = await socket.start(asked(worker * 1000 + n), { id: n % 3 ? id : undefined });
      if (n % 3 === 0) (keys.delete(id), keys.add(task.reply_to));
      accepted.push(task.task_id);
      if (n % 2) await socket.mark(task.task_id, { favourite: true });
      if (n % 5 === 4) {
        await socket.cancel(task.task_id).catch((error) => assert.equal(error.code, "TASK_ENDED"));
      }
      if (accepted.length > 40) await sleep(Math.random() * 400);
    }
  };
  await awaited("the cuts", Promise.all([cutting, asking(1), asking(2)]), 3_000_000);
  for (const taskId of accepted) {
    let last;
    for await (const message of socket.watch(taskId)) last = message;
    assert.ok(["complete", "error"].includes(last.type));
  }
  const log = await follower.check();
  const started = log.filter((message) => message.type === "task_started");
  assert.deepEqual(started.map((message) => message.reply_to).sort(), [...keys].sort(), "no task twice, and none lost");
  assert.deepEqual(started.map((message) => message.task_id).sort(), accepted.sort());
  assert.ok(line.cuts >= CUTS);
  t.diagnostic(`${line.cuts} cuts, ${accepted.length} tasks, ${log.length} events, each once`);
});

test(`the service killed and started again ${RESTARTS} times`, { timeout: 3_600_000 }, async (t) => {
  const service = await Service.start();
  t.after(() => service.remove());
  const follower = new Follower(new Auteur({ url: service.url, WebSocket, retries: 20 }), "film", service);
  const { socket } = follower;
  const accepted = [];
  let isKilling = true;
  const asking = (async () => {
    for (let n = 0; isKilling; n++) {
      accepted.push((await socket.start(asked(n))).task_id);
      await sleep(Math.random() * 150);
    }
  })();
  for (let times = 0; times < RESTARTS; times++) {
    await sleep(200 + Math.random() * 1200);
    await service.kill(times % 2 ? "SIGTERM" : "SIGKILL");
    await service.again();
  }
  isKilling = false;
  await awaited("the last answer", asking);
  for (const taskId of accepted) {
    let last;
    for await (const message of socket.watch(taskId)) last = message;
    assert.equal(last.type, "complete");
  }
  const log = await follower.check();
  const started = log.filter((message) => message.type === "task_started").map((message) => message.task_id);
  assert.deepEqual(started.sort(), accepted.sort(), "no task twice, and none lost");
  t.diagnostic(`${RESTARTS} restarts, ${accepted.length} tasks, ${log.length} events, each once`);
});
