// A real service in a process of its own, a line to it that can be cut, and its log as it tells it itself.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const TINY = { prompt: "a field", width_px: 64, height_px: 64, steps: 1, seed: 1 };
export const asked = (seed = 1) => ({ task_type: "text_to_image", quality: "draft", params: { ...TINY, seed } });
const PYTHON = process.env.AUTEUR_PYTHON ?? "python3";
const LONG_MS = Number(process.env.CLIENT_PATIENCE_MS ?? 120_000);

/** Something that happens at all, within the patience that a busy machine needs. */
export async function awaited(what, promise, ms = LONG_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited for ${what} in vain`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `auteur serve`. Its port and its workspace stay over every restart. */
export class Service {
  static async start(settings = {}) {
    const service = new Service();
    service.workspace = mkdtempSync(join(tmpdir(), "auteur-ts-"));
    service.settings = settings;
    service.port = 0;
    await service.again();
    return service;
  }

  async again() {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("BACKEND_")));
    this.log = "";
    this.process = spawn(PYTHON, ["-m", "auteur.entrypoints.cli", "serve", "--port", String(this.port)], {
      cwd: this.workspace,
      env: { ...clean, BACKEND_WORKSPACE_ROOT: this.workspace, PYTHONUNBUFFERED: "1", ...this.settings },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const { process: child } = this;
    this.ended = new Promise((resolve) => child.once("exit", resolve));
    const listens = new Promise((resolve, reject) => {
      child.stderr.setEncoding("utf8").on("data", (text) => {
        this.log += text;
        const found = /listens on (http:\/\/\S+?:(\d+))/.exec(this.log);
        if (found) resolve(found);
      });
      child.once("exit", () => reject(new Error(this.log)));
    });
    const [, url, port] = await awaited("the service to listen", listens);
    this.url = url;
    this.port = Number(port);
    await awaited("the service to be ready", (async () => {
      while (!(await fetch(`${url}/health/ready`).then((answer) => answer.ok, () => false))) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })());
  }

  async kill(signal = "SIGKILL") {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal);
    await awaited("the service to end", this.ended);
  }

  async remove() {
    await this.kill();
    rmSync(this.workspace, { recursive: true, force: true });
  }

  /** The project's whole log, as server-sent events tell it: another door than the client's. */
  async events(project) {
    const { position } = await (await fetch(`${this.url}/api/v1/projects/${project}`)).json();
    const stop = new AbortController();
    const answer = await fetch(`${this.url}/api/v1/projects/${project}/events?after=0`, { signal: stop.signal });
    const found = [];
    let rest = "";
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop();
      for (const line of lines) if (line.startsWith("data: ")) found.push(JSON.parse(line.slice(6)));
      if (found.at(-1)?.position === position) break;
    }
    stop.abort();
    return found.filter((message) => message.type !== "connected");
  }
}

/** A TCP line before the service: it can be cut, and it can fall silent. */
export class Line {
  #pipes = new Set();
  #server;
  cuts = 0;
  isSilent = false;

  static async to(service) {
    const line = new Line();
    line.#server = createServer((near) => {
      const far = connect(service.port, "127.0.0.1");
      line.#pipes.add(near).add(far);
      for (const [from, to] of [[near, far], [far, near]]) {
        from.on("data", (bytes) => void (line.isSilent || to.destroyed || to.write(bytes)));
        from.on("error", () => undefined);
        from.on("close", () => {
          line.#pipes.delete(from);
          to.destroy();
        });
      }
    });
    await new Promise((resolve) => line.#server.listen(0, "127.0.0.1", resolve));
    line.url = `http://127.0.0.1:${line.#server.address().port}`;
    return line;
  }

  /** Breaks every connection, whatever is under way on it. */
  cut() {
    if (this.#pipes.size > 0) this.cuts++;
    for (const pipe of this.#pipes) pipe.resetAndDestroy();
  }

  close() {
    this.cut();
    this.#server.close();
  }
}
