// The words that the service and its clients are both held to: tests/golden.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { applyMessage, Auteur, AuteurError, projectState } from "@auteur/client";
import { Peer } from "./peer.mjs";
import { awaited } from "./service.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const GOLDEN = join(HERE, "../../../tests/golden");
const read = (kind) => Object.fromEntries(readdirSync(join(GOLDEN, kind)).sort().map((name) =>
  [name.replace(/\.json$/, ""), JSON.parse(readFileSync(join(GOLDEN, kind, name), "utf8"))]));

/** What the client hands out of what is said on a socket. */
async function heard(messages) {
  const peer = await Peer.start({ onSocket: (line) => messages.forEach((said) => line.send(JSON.stringify(said))) });
  const socket = new Auteur({ url: peer.url, WebSocket }).open("film");
  const found = [];
  await awaited("all of it", new Promise((resolve) => {
    socket.on("message", (message) => void (found.push(message) === messages.length + 1 && resolve()));
  }));
  socket.close();
  await peer.close();
  return found.slice(1);
}

test("the types take every golden message and view as it is handed out", async () => {
  const outgoing = read("outgoing");
  const told = Object.values(outgoing)
    .filter((said) => said.type !== "pong" && !(said.type === "connected" && said.recovered))
    .map((said, seq) => ({ ...said, ...(said.position ? { position: `peer-${seq + 1}` } : {}) }));
  const checks = (await heard(told)).map((message) => `${JSON.stringify(message)} satisfies Wire.ServerMessage;`);
  for (const name of ["pong", "connected.recovered"]) {
    checks.push(`${JSON.stringify(outgoing[name])} satisfies Wire.ServerMessage;`);
  }
  for (const said of Object.values(read("incoming"))) checks.push(`${JSON.stringify(said)} satisfies Wire.ClientMessage;`);
  for (const [name, view] of Object.entries(read("views"))) {
    checks.push(`${JSON.stringify(view)} satisfies Wire.${name.split(".")[0]};`);
  }
  assert.ok(checks.length > 50);
  const folder = mkdtempSync(join(HERE, ".golden-"));
  try {
    const file = join(folder, "golden.ts");
    writeFileSync(file, `import type * as Wire from "@auteur/client";\n${checks.map((check) => `(${check.slice(0, -1)});`).join("\n")}\n`);
    const config = join(folder, "tsconfig.json");
    writeFileSync(config, JSON.stringify({
      extends: "../../tsconfig.json", include: ["golden.ts"], compilerOptions: { noEmit: true, rootDir: "." },
    }));
    execFileSync("npx", ["--no-install", "tsc", "-p", config], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    assert.fail(String(error.stdout ?? "") + String(error.stderr ?? error));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("every golden message of the log has its place in a project's state", async () => {
  const { connected, ...others } = read("outgoing");
  const messages = Object.values(others).filter((said) => said.position && said.type !== "connected");
  const [greeting, ...rest] = await heard([connected, ...messages.map((said, seq) => ({ ...said, position: `k3x9-${seq + 100}` }))]);
  let state = projectState(greeting.state);
  assert.equal(state.tasks.size, connected.state.tasks.length);
  for (const message of rest) {
    const before = JSON.stringify([...state.tasks]);
    const after = applyMessage(state, message);
    assert.equal(JSON.stringify([...state.tasks]), before, "what it is given is as it was");
    assert.equal(after.position, message.position);
    state = after;
  }
});

test("every golden error is told with its code, status, details and request", async (t) => {
  let answer;
  const server = createServer((request, response) => {
    response.writeHead(answer.status, { "Content-Type": "application/json", "Retry-After": "7" }).end(JSON.stringify(answer.body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const auteur = new Auteur({ url: `http://127.0.0.1:${server.address().port}`, retries: 0 });
  const errors = Object.entries(read("errors"));
  assert.ok(errors.length > 20);
  for (const [code, given] of errors) {
    answer = given;
    await assert.rejects(auteur.info(), (error) => {
      assert.ok(error instanceof AuteurError);
      assert.deepEqual([error.code, error.status], [code, given.status]);
      assert.deepEqual([error.message, error.details], [given.body.error.message, given.body.error.details]);
      assert.deepEqual([error.requestId, error.retryAfterS], [given.body.request_id, 7]);
      return true;
    });
  }
});
