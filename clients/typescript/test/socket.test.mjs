// What a service does only when it is ill, and what it says when a client has to stay away.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { applyMessage, Auteur, AuteurError, projectState } from "@auteur/client";
import { EPOCH, Peer, common, eventText, stateAt } from "./peer.mjs";
import { awaited } from "./service.mjs";

const QUICK = { baseMs: 1, capMs: 20, stableMs: 1000 };

async function open(t, peerOptions, options = {}, more = {}) {
  const peer = await Peer.start(peerOptions);
  t.after(() => peer.close());
  const auteur = new Auteur({ url: peer.url, WebSocket, ...more });
  const socket = auteur.open("film", { backoff: QUICK, ...options });
  t.after(() => socket.close());
  return { peer, socket, auteur };
}

const heard = (socket, name, times = 1) => awaited(name, new Promise((resolve) => {
  const events = [];
  const off = socket.on(name, (event) => {
    if (events.push(event) === times) {
      off();
      resolve(times === 1 ? event : events);
    }
  });
}));

test("what is said twice is heard once", async (t) => {
  const { socket } = await open(t, {
    log: 6,
    onSocket: (line, peer, after) => {
      if (after !== `${EPOCH}-2`) return;
      for (const seq of [1, 2, 3, 3, 4, 2, 3, 4, 5, 5, 6]) line.send(eventText(seq));
    },
  }, { after: `${EPOCH}-2` });
  const events = await heard(socket, "progress", 4);
  assert.deepEqual(events.map((event) => event.position), [3, 4, 5, 6].map((seq) => `${EPOCH}-${seq}`));
  assert.equal(socket.position, `${EPOCH}-6`);
});

test("a line that falls silent is noticed, cut, and taken up where it was", async (t) => {
  let first;
  const { peer, socket } = await open(t, {
    log: 1,
    onSocket: (line, peer, after) => {
      if (first === undefined) {
        first = line;
        line.send(eventText(++peer.log));
        return; // and never a pong
      }
      assert.equal(after, `${EPOCH}-2`);
      line.send(eventText(++peer.log));
    },
  }, { silenceMs: 80, answerMs: 80 });
  const events = await heard(socket, "progress", 2);
  assert.deepEqual(events.map((event) => event.position), [`${EPOCH}-2`, `${EPOCH}-3`]);
  assert.ok(peer.heard.some((message) => message.type === "ping"), "it was asked first");
});

test("a connection that is never greeted is given up", async (t) => {
  const { peer, socket } = await open(t, {}, { answerMs: 50 });
  peer.isGreeting = false;
  for (const line of peer.sockets) line.terminate();
  await awaited("several tries", new Promise((resolve) => {
    const timer = setInterval(() => {
      if (peer.opened.length >= 4) resolve(clearInterval(timer));
    }, 5);
  }));
  peer.isGreeting = true;
  while (socket.status.status !== "live") await heard(socket, "status");
});

test("history that is lost is said, with the state that replaces it", async (t) => {
  const { peer, socket } = await open(t, { log: 5 });
  const fresh = await heard(socket, "state");
  assert.equal(fresh.history_lost, false);
  peer.log = 90;
  peer.oldest = 50;
  for (const line of peer.sockets) line.terminate();
  const lost = await heard(socket, "history_lost");
  assert.deepEqual([lost.position, lost.history_lost, lost.state.project_id], [`${EPOCH}-90`, true, "film"]);
  peer.tell();
  assert.equal((await heard(socket, "progress")).position, `${EPOCH}-91`);
});

test("another epoch of the log is no repetition", async (t) => {
  const { peer, socket } = await open(t, { log: 5 });
  await heard(socket, "state");
  const [line] = peer.sockets;
  line.send(JSON.stringify({ ...JSON.parse(eventText(1)), position: "other-1" }));
  assert.equal((await heard(socket, "progress")).position, "other-1");
});

for (const [code, expected] of [[4400, "INVALID_MESSAGE"], [4410, "PROJECT_DELETED"], [4401, "UNAUTHENTICATED"], [4444, "INVALID_MESSAGE"]]) {
  test(`${code} means: do not come back`, async (t) => {
    const { peer, socket } = await open(t, { onSocket: (line) => line.close(code) });
    const loop = (async () => {
      for await (const message of socket) assert.equal(message.type, "connected");
    })();
    const error = await awaited("the end", socket.closed);
    assert.ok(error instanceof AuteurError);
    assert.deepEqual([error.code, error.details.close_code], [expected, code]);
    await assert.rejects(loop, { code: expected });
    await assert.rejects(socket.start({ task_type: "x", params: {} }), { code: expected });
    assert.equal(peer.opened.length, 1);
    assert.equal(socket.status.status, "closed");
  });
}

for (const code of [1000, 1001, 1006, 1011, 1012, 4008]) {
  test(`${code} means: come back`, async (t) => {
    const { socket } = await open(t, {
      log: 7,
      onSocket: (line, peer, after) => {
        if (peer.opened.length < 3) code === 1006 ? line.terminate() : line.close(code);
        else assert.equal(after, `${EPOCH}-7`), peer.tell();
      },
    });
    assert.equal((await heard(socket, "progress")).position, `${EPOCH}-8`);
  });
}

test("why a project was refused is what was said of it", async (t) => {
  const { socket } = await open(t, {
    onSocket: (line, peer) => {
      line.send(JSON.stringify({ ...common(), type: "error", error_code: "PROJECT_DELETED", message: "Gone since May." }));
      line.close(4410);
    },
  });
  const error = await awaited("the end", socket.closed);
  assert.deepEqual([error.code, error.message], ["PROJECT_DELETED", "Gone since May."]);
});

test("a project that was deleted while it was heard ends without a fault", async (t) => {
  const { socket } = await open(t, {
    onSocket: (line) => {
      line.send(JSON.stringify({ ...common(), type: "project_deleted", position: `${EPOCH}-1` }));
      line.close(4410);
    },
  });
  const types = [];
  for await (const message of socket) types.push(message.type);
  assert.deepEqual(types, ["connected", "project_deleted"]);
  assert.equal(await socket.closed, undefined);
});

test("a token buys a ticket for each socket, and is in no address", async (t) => {
  let tickets = 0;
  const shown = [];
  const { peer, socket } = await open(t, {
    onRequest: (request, response) => {
      if (request.url !== "/api/v1/tickets") return false;
      shown.push(request.headers.authorization);
      const ticket = { ticket: `t${++tickets}`, protocols: ["auteur.v1", `auteur.ticket.t${tickets}`], expires_in_s: 30 };
      response.writeHead(201, { "Content-Type": "application/json" }).end(JSON.stringify(ticket));
      return true;
    },
    onSocket: (line, peer) => void (peer.opened.length < 3 && line.close(1012)),
  }, {}, { token: "secret" });
  await heard(socket, "connected", 3);
  assert.deepEqual(shown, ["Bearer secret", "Bearer secret", "Bearer secret"]);
  assert.deepEqual(peer.opened.map((one) => one.protocols), [1, 2, 3].map((n) => `auteur.v1,auteur.ticket.t${n}`));
  assert.ok(!JSON.stringify(peer.opened.map((one) => one.query)).includes("secret"));
});

test("who is signed out is asked to sign in, and then comes back", async (t) => {
  const asked = [];
  const { peer, socket } = await open(t, {
    log: 3,
    onRequest: (request, response) => {
      if (request.url !== "/api/v1/tickets") return false;
      const isGood = request.headers.authorization === "Bearer new";
      const body = isGood ? { ticket: "t", protocols: ["auteur.v1", "auteur.ticket.t"], expires_in_s: 30 }
        : { error: { code: "UNAUTHENTICATED", message: "Who?", details: {} }, request_id: "r1", timestamp: "" };
      response.writeHead(isGood ? 201 : 401, { "Content-Type": "application/json" }).end(JSON.stringify(body));
      return true;
    },
    onSocket: (line, peer) => void (peer.opened.length === 1 && line.close(4401)),
  }, {}, {
    token: "old",
    onUnauthenticated: async (why) => void asked.push(why) || (asked.length > 1 ? "new" : undefined),
  });
  await heard(socket, "connected", 2);
  assert.equal(peer.opened[1].after, `${EPOCH}-3`);
  assert.deepEqual(asked.map((why) => why.code), ["UNAUTHENTICATED", "UNAUTHENTICATED", "UNAUTHENTICATED"]);
  assert.equal(asked[0].requestId, "r1");
});

test("who does not sign in again is told so by the end of the socket", async (t) => {
  const refuses = new AuteurError({ code: "GAVE_UP", message: "Nobody signed in." });
  const { socket } = await open(t, { onSocket: (line) => line.close(4401) }, {}, {
    onUnauthenticated: () => Promise.reject(refuses),
  });
  assert.equal(await awaited("the end", socket.closed), refuses);
});

test("a project that is not granted ends the socket, though a browser does not say why it was refused", async (t) => {
  const peer = await Peer.start({
    onRequest: (request, response) => {
      response.writeHead(404, { "Content-Type": "application/json" }).end(JSON.stringify({
        error: { code: "PROJECT_NOT_FOUND", message: "There is no such project.", details: {} }, request_id: "r", timestamp: "",
      }));
      return true;
    },
  });
  t.after(() => peer.close());
  peer.server.removeAllListeners("upgrade");
  peer.server.on("upgrade", (_, line) => line.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
  const socket = new Auteur({ url: peer.url, WebSocket }).open("film", { backoff: QUICK });
  assert.equal((await awaited("the end", socket.closed)).code, "PROJECT_NOT_FOUND");
});

test("a service that is away is waited for, with pauses that grow to a cap and differ", async (t) => {
  const delays = [];
  const socket = new Auteur({ url: "http://127.0.0.1:9", WebSocket, retries: 0 })
    .open("film", { backoff: { baseMs: 4, capMs: 40, stableMs: 1000 } });
  t.after(() => socket.close());
  socket.on("status", (status) => void (status.status === "waiting" && delays.push(status.delayMs)));
  await heard(socket, "status", 60);
  assert.ok(delays.length >= 20);
  assert.ok(delays.every((delay, tries) => delay >= 0 && delay <= Math.min(40, 4 * 2 ** tries)), String(delays));
  assert.ok(Math.max(...delays) > 10, "they grow");
  assert.ok(new Set(delays).size > delays.length / 2, "they differ");
});

test("a connection that was stable begins at the first bound again", async (t) => {
  const delays = [];
  const { peer, socket } = await open(t, {}, { backoff: { baseMs: 2, capMs: 10_000, stableMs: 30 } });
  socket.on("status", (status) => void (status.status === "waiting" && delays.push(status.delayMs)));
  for (let times = 0; times < 12; times++) {
    if (socket.status.status !== "live") await heard(socket, "connected");
    await new Promise((resolve) => setTimeout(resolve, 40));
    for (const line of peer.sockets) line.terminate();
    await heard(socket, "connected");
  }
  assert.ok(delays.every((delay) => delay <= 4), String(delays));
});

test("a loop that is slow is waited for: bounded, and nothing is lost", async (t) => {
  const TOTAL = 3000;
  const { peer, socket } = await open(t, {
    log: TOTAL,
    onSocket: (line, peer, after) => {
      for (let seq = Number(after?.split("-")[1] ?? 0) + 1; seq <= TOTAL; seq++) line.send(eventText(seq));
    },
  }, { after: "0", buffer: 100 });
  const statuses = new Set();
  socket.on("status", ({ status }) => statuses.add(status));
  let heardNow = 0;
  socket.on("progress", () => heardNow++);
  let next = 1;
  for await (const message of socket) {
    assert.equal(message.position, `${EPOCH}-${next}`);
    if (next % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(heardNow - next <= 100, `${heardNow - next} wait`);
    if (next++ === TOTAL) break;
  }
  assert.ok(statuses.has("paused"));
  assert.ok(peer.opened.length > 5, "the line was let go and taken up again");
  assert.ok(peer.opened.length < 100, `${peer.opened.length} connections`);
});

test("a slow loop that asks for something is answered, though the line is let go meanwhile", async (t) => {
  const TOTAL = 1000;
  const { socket } = await open(t, {
    log: TOTAL,
    onSocket: (line, peer, after) => {
      for (let seq = Number(after?.split("-")[1] ?? 0) + 1; seq <= TOTAL; seq++) line.send(eventText(seq));
      line.on("message", (text) => {
        const { id, type } = JSON.parse(String(text));
        if (type === "ping") line.send(JSON.stringify({ ...common(), type: "pong", reply_to: id }));
      });
    },
  }, { after: "0", buffer: 50 });
  let next = 1;
  for await (const message of socket) {
    assert.equal(message.position, `${EPOCH}-${next}`);
    if (next % 200 === 0) await awaited("an answer", socket.mark("t", { favourite: true }));
    if (next++ === TOTAL) break;
  }
});

test("what was said is said again after a cut, under the same id, and answered once", async (t) => {
  const { peer, socket } = await open(t, {
    onSocket: (line, peer) => {
      line.on("message", (text) => {
        const { id, type } = JSON.parse(String(text));
        if (peer.opened.length < 4) line.terminate();
        else if (type === "ping") line.send(JSON.stringify({ ...common(), type: "pong", reply_to: id }));
      });
    },
  });
  await awaited("an answer", socket.cancel("t"));
  const cancels = peer.heard.filter((message) => message.type === "cancel");
  assert.ok(cancels.length >= 4);
  assert.equal(new Set(cancels.map((message) => message.id)).size, 1);
});

test("a request for a task is asked again over HTTP after a cut, under its id", async (t) => {
  const keys = [];
  const { peer, socket } = await open(t, {
    onRequest: (request, response) => {
      if (request.method !== "POST") return false;
      keys.push(request.headers["idempotency-key"]);
      response.writeHead(202, { "Content-Type": "application/json" })
        .end(JSON.stringify({ task_id: "made", task_type: "x", quality: "draft", params: {} }));
      return true;
    },
    onSocket: (line) => line.on("message", () => line.terminate()),
  });
  const accepted = await awaited("an answer", socket.start({ task_type: "x", params: {} }));
  const [said] = peer.heard;
  assert.deepEqual([accepted.task_id, accepted.reply_to, keys], ["made", said.id, [said.id]]);
  assert.equal(peer.heard.filter((message) => message.type === "start_generation").length, 1);
});

test("who talks too fast is heard a little later", async (t) => {
  let refusals = 0;
  const { peer, socket } = await open(t, {
    onSocket: (line) => line.on("message", (text) => {
      const { id, type } = JSON.parse(String(text));
      const common_ = { ...common(), reply_to: id };
      if (refusals < 2 && refusals++ < 2) {
        const details = { limit: 20, retry_after_s: 0.01 };
        line.send(JSON.stringify({ ...common_, type: "error", error_code: "RATE_LIMITED", message: "Slower.", details }));
      } else if (type === "start_generation") {
        line.send(JSON.stringify({ ...common_, type: "task_started", position: `${EPOCH}-1`, task_id: "made",
          task_type: "x", quality: "draft", params: {}, origins: {}, queue_position: 1, metadata: {} }));
      }
    }),
  });
  assert.equal((await awaited("an answer", socket.start({ task_type: "x", params: {} }))).task_id, "made");
  assert.equal(new Set(peer.heard.map((message) => message.id)).size, 1);
});

test("signals end the wait for an answer, a loop, and the socket", async (t) => {
  const stop = new AbortController();
  const { socket } = await open(t, {}, { signal: stop.signal });
  const patience = new AbortController();
  const waiting = socket.start({ task_type: "x", params: {} }, { signal: patience.signal });
  const loop = (async () => {
    for await (const message of socket.messages({ signal: patience.signal })) void message;
  })();
  await heard(socket, "connected");
  patience.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(loop, /enough/);
  const other = socket.cancel("t");
  stop.abort();
  assert.equal(await awaited("the end", socket.closed), undefined);
  await assert.rejects(other, { code: "CLOSED" });
});

test("what a listener throws is told to the platform, and the others hear on", async (t) => {
  const { peer, socket } = await open(t, { log: 1 });
  const thrown = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => thrown.push(error.message));
  t.after(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  });
  await heard(socket, "connected");
  socket.on("progress", () => {
    throw new Error("mine");
  });
  peer.tell();
  peer.tell();
  await heard(socket, "progress", 2);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(thrown, ["mine", "mine"]);
});

test("what comes of a later version is passed on", async (t) => {
  const { socket } = await open(t, {
    onSocket: (line) => line.send(JSON.stringify({ ...common(), type: "of_tomorrow", place: 3 })),
  });
  assert.equal((await heard(socket, "of_tomorrow")).place, 3);
});

test("a place in the queue changes what is known of a task, and is no event of the log", async (t) => {
  const started = { ...common(), type: "task_started", position: `${EPOCH}-1`, reply_to: "r", task_id: "t", task_type: "x",
    quality: "draft", params: {}, origins: {}, queue_position: 3, metadata: {} };
  const place = { ...common(), type: "queue", waiting: 2, tasks: [{ task_id: "t", queue_position: 2, starts_in_s: 9 }] };
  const { socket } = await open(t, {
    onSocket: (line) => [started, place].forEach((message) => line.send(JSON.stringify(message))),
  });
  let state = projectState(stateAt(`${EPOCH}-0`));
  socket.on("message", (message) => void (state = applyMessage(state, message)));
  await heard(socket, "queue");
  assert.deepEqual([state.tasks.get("t").queue_position, state.position, socket.position], [2, `${EPOCH}-1`, `${EPOCH}-1`]);
  assert.deepEqual([state.counts.queued, state.counts_are_exact], [1, true]);
});

test("a slow loop that is ended holds nobody up", async (t) => {
  const TOTAL = 300;
  const { socket } = await open(t, {
    log: TOTAL,
    onSocket: (line, peer, after) => {
      for (let seq = Number(after?.split("-")[1] ?? 0) + 1; seq <= TOTAL; seq++) line.send(eventText(seq));
    },
  }, { after: "0", buffer: 50 });
  const stop = new AbortController();
  const slow = socket.messages({ signal: stop.signal }); // nobody reads it
  while (socket.status.status !== "paused") await heard(socket, "status");
  const all = heard(socket, "progress", TOTAL - 50);
  stop.abort(new Error("enough"));
  await all;
  assert.equal(socket.position, `${EPOCH}-${TOTAL}`);
  for (let n = 0; n < 50; n++) assert.equal((await slow.next()).value.position, `${EPOCH}-${n + 1}`);
  await assert.rejects(slow.next(), /enough/);
});
