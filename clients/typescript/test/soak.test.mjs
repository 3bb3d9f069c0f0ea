// A hundred thousand messages through every way of hearing them, over cuts: memory stays what it was.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import WebSocket from "ws";
import { applyMessage, Auteur, projectState } from "@auteur/client";
import { EPOCH, Peer, eventText } from "./peer.mjs";
import { awaited } from "./service.mjs";

const MESSAGES = Number(process.env.CLIENT_MESSAGES ?? 20_000);
const SELF = fileURLToPath(import.meta.url);
const BETWEEN_CUTS = 1000;

if (process.argv[2] === "peer") {
  // in a process of its own, so that what is measured is the client's memory: it tells as fast as it is read
  const peer = await Peer.start({
    log: MESSAGES,
    onSocket: async (line, _, after) => {
      for (let seq = Number(after?.split("-")[1] ?? 0) + 1; seq <= MESSAGES && line.readyState === 1; seq++) {
        line.send(eventText(seq));
        if (seq % BETWEEN_CUTS === Math.floor(BETWEEN_CUTS / 2)) return line.terminate();
        while (line.bufferedAmount > 1 << 18) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
  });
  process.send(peer.url);
} else {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const used = () => (collect(), process.memoryUsage().heapUsed / 2 ** 20);

  test(`${MESSAGES} messages are heard within bounded memory`, { timeout: 1_800_000 }, async (t) => {
    const peer = fork(SELF, ["peer"]);
    t.after(() => peer.kill());
    const [url] = await once(peer, "message");
    const socket = new Auteur({ url, WebSocket }).open("film", {
      after: "0", buffer: 500, backoff: { baseMs: 1, capMs: 10, stableMs: 1000 },
    });
    t.after(() => socket.close());
    let state = projectState({ project_id: "film", position: "0", counts: {}, tasks: [], next: null });
    let heard = 0;
    socket.on("progress", (message) => {
      state = applyMessage(state, message);
      heard++;
    });
    const heaps = [];
    let looped = 0;
    let most = 0;
    await awaited("all of them", (async () => {
      for await (const message of socket) {
        assert.equal(message.position, `${EPOCH}-${++looped}`);
        most = Math.max(most, heard - looped);
        if (looped % (MESSAGES / 10) === 0) heaps.push(used());
        if (looped % 5000 === 0) await new Promise((resolve) => setTimeout(resolve, 50));
        if (looped === MESSAGES) break;
      }
    })(), 1_200_000);
    assert.equal(heard, MESSAGES);
    assert.equal(state.position, `${EPOCH}-${MESSAGES}`);
    assert.ok(most <= 500, `${most} waited`);
    const growth = heaps.at(-1) - heaps[1];
    assert.ok(growth < 4, `the heap grew by ${growth.toFixed(1)} MiB: ${heaps.map((heap) => heap.toFixed(1)).join(", ")}`);
    t.diagnostic(`${MESSAGES} messages, ${most} waited at most; heap in MiB: ${heaps.map((heap) => heap.toFixed(1)).join(", ")}`);
  });
}
