/** The service over HTTP, and the door to its sockets. */

import { AuteurError } from "./errors.js";
import { ProjectSocket, type SocketOptions, type WebSocketConstructor } from "./socket.js";
import { backoff, deadline, pause } from "./waiting.js";
import type {
  BatchView, GenerationRequest, InfoView, LineageView, Marks, NamedRequest, ProjectListView, ProjectSummaryView,
  ProjectView, PromotionRequest, QualityListView, SessionView, ShotListView, ShotView, TaskListView, TaskStatus,
  TaskTypeListView, TaskView, TicketView, UploadView,
} from "./wire.js";

export interface AuteurOptions {
  /** Where the service answers, with the path it is reached under, if it has one. */
  url: string | URL;
  /** Shown as bearer; a browser that has signed in needs none. */
  token?: string | undefined;
  /** Instead of the platform's own. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Instead of the platform's own; Node below 22 has none: give it that of the package `ws`. */
  WebSocket?: WebSocketConstructor | undefined;
  /**
   * Asked when what was shown no longer counts and a socket has to be opened again. Resolves once somebody has signed
   * in: with a new token, or with nothing where a cookie holds it. Rejects, and the socket ends with that.
   */
  onUnauthenticated?: ((why: AuteurError) => Promise<string | undefined | void>) | undefined;
  /** How often a request is repeated that may be: after a lost answer, or when the service says not now. 4. */
  retries?: number | undefined;
  /** A `Retry-After` beyond this is told to the caller at once. 60. */
  maxRetryAfterS?: number | undefined;
  /** For the answer to one request, uploads aside. 30 000. */
  timeoutMs?: number | undefined;
}

export interface Abortable {
  signal?: AbortSignal | undefined;
}

export interface Repeatable extends Abortable {
  /** Drawn anew if there is none: it is what makes a repeated request the same task. At most 255 of printable ASCII. */
  idempotencyKey?: string | undefined;
}

export interface TaskFilters {
  status?: TaskStatus | readonly TaskStatus[] | undefined;
  task_type?: string | undefined;
  quality?: string | undefined;
  favourite?: boolean | undefined;
  shot?: string | undefined;
  /** Words of prompt, shot and metadata. */
  q?: string | undefined;
}

export interface Paging {
  /** How many a page may have, 1 to 200. 50. */
  limit?: number | undefined;
  /** `next` of the last page or of a project's state. */
  cursor?: string | undefined;
}

/** When a request that got no answer, or "not now", may be sent again. */
type Repeat = "always" | "refused" | "never";

interface Question {
  query?: Record<string, unknown> | undefined;
  json?: unknown;
  body?: BodyInit | undefined;
  headers?: Record<string, string> | undefined;
  repeat?: Repeat;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

const NOT_NOW = new Set([408, 429, 502, 503, 504]);
const UPLOAD_MS = 600_000;

/** A running service. Holds no connection; `open` makes those. */
export class Auteur {
  readonly url: URL;
  readonly #options: AuteurOptions;
  #token: string | undefined;

  constructor(options: AuteurOptions) {
    this.#options = options;
    this.#token = options.token;
    this.url = new URL(options.url, globalThis.location?.href);
    this.url.pathname = this.url.pathname.replace(/\/+$/, "");
    this.url.search = this.url.hash = "";
  }

  /** The project's events, each once and in order, over every cut of the line. */
  open(project: string, options: SocketOptions = {}): ProjectSocket {
    const WebSocket = this.#options.WebSocket ?? (globalThis.WebSocket as WebSocketConstructor | undefined);
    if (!WebSocket) throw new TypeError("This platform has no WebSocket: give `new Auteur` that of the package ws.");
    const address = new URL(this.#base + `/ws/${segment(project)}`);
    address.protocol = address.protocol.replace("http", "ws");
    return new ProjectSocket(this, project, address.href, WebSocket, {
      options,
      // a token is never said in a query, which every proxy logs: it buys a ticket, that opens one socket once
      protocols: async (signal) => {
        if (this.#token === undefined) return undefined;
        return (await this.#ask<TicketView>("POST", "/api/v1/tickets", { repeat: "never", signal })).protocols;
      },
      signIn: async (why) => {
        if (!this.#options.onUnauthenticated) throw why;
        const token = await this.#options.onUnauthenticated(why);
        if (typeof token === "string") this.#token = token;
      },
      look: async (signal) => {
        await this.#ask("GET", `${path(project)}/tasks`, { query: { limit: 1 }, repeat: "never", signal });
      },
    });
  }

  /** Asks for a task. Sent again after a lost answer it is the same task. */
  async submit(project: string, request: GenerationRequest, options: Repeatable = {}): Promise<TaskView> {
    return this.#ask("POST", `${path(project)}/tasks`, asked(request, options));
  }

  /** Asks for several tasks: all of them are accepted, or none. */
  async batch(project: string, requests: readonly NamedRequest[], options: Repeatable = {}): Promise<BatchView> {
    return this.#ask("POST", `${path(project)}/batches`, asked({ requests }, options));
  }

  /** Makes a take again; without a wish, at the next higher quality. The new task. */
  async promote(
    project: string, taskId: string, wish: PromotionRequest = {}, options: Repeatable = {},
  ): Promise<TaskView> {
    return this.#ask("POST", `${path(project, taskId)}/promote`, asked(wish, options));
  }

  async task(project: string, taskId: string, { signal }: Abortable = {}): Promise<TaskView> {
    return this.#ask("GET", path(project, taskId), { signal });
  }

  /** One page of tasks, newest first. Ask for the next with the same filters and `next` as `cursor`. */
  async page(
    project: string, { signal, ...query }: TaskFilters & Paging & Abortable = {},
  ): Promise<TaskListView> {
    return this.#ask("GET", `${path(project)}/tasks`, { query, signal });
  }

  /** All tasks that fit, newest first, page after page as they are asked for. */
  async *tasks(project: string, filters: TaskFilters & Paging & Abortable = {}): AsyncGenerator<TaskView, void, void> {
    yield* pages(filters, (one) => this.page(project, one), (page) => page.tasks);
  }

  /** Asks for a task to stop. One that has ended stays as it is. */
  async cancel(project: string, taskId: string, { signal }: Abortable = {}): Promise<TaskView> {
    return this.#ask("POST", `${path(project, taskId)}/cancel`, { signal });
  }

  /** Marks a task as a favourite, or circles a take of its shot. What is left out stays as it is. */
  async mark(project: string, taskId: string, marks: Marks, { signal }: Abortable = {}): Promise<TaskView> {
    return this.#ask("PATCH", path(project, taskId), { json: marks, signal });
  }

  /** Removes an ended task, record and files, for good. */
  async delete(project: string, taskId: string, { signal }: Abortable = {}): Promise<void> {
    return this.#ask("DELETE", path(project, taskId), { signal });
  }

  /** What a take was made of, and what was made of it. */
  async lineage(project: string, taskId: string, { signal }: Abortable = {}): Promise<LineageView> {
    return this.#ask("GET", `${path(project, taskId)}/lineage`, { signal });
  }

  /**
   * Brings a picture; give its `path` as an input of a task. A stream is read into memory first: the service takes
   * stills, and a picture that was read can be sent again when the service says not now. A lost answer is not repeated.
   */
  async upload(
    project: string, picture: Blob | ReadableStream<Uint8Array>, name?: string, { signal }: Abortable = {},
  ): Promise<UploadView> {
    const blob = picture instanceof Blob ? picture : await new Response(picture).blob();
    const body = new FormData();
    body.append("file", blob, name ?? (blob as Partial<File>).name ?? "picture");
    return this.#ask("POST", `${path(project)}/uploads`, { body, repeat: "refused", signal, timeoutMs: UPLOAD_MS });
  }

  /** All projects that may be seen, the one active last first. */
  async *projects(options: Paging & Abortable = {}): AsyncGenerator<ProjectSummaryView, void, void> {
    const ask = ({ signal, ...query }: Paging & Abortable) =>
      this.#ask<ProjectListView>("GET", "/api/v1/projects", { query, signal });
    yield* pages(options, ask, (page) => page.projects);
  }

  /** The project's state with its position: `open(project, {after: position})` goes on from there. */
  async project(project: string, { signal }: Abortable = {}): Promise<ProjectView> {
    return this.#ask("GET", path(project), { signal });
  }

  /** The project's shots by name. */
  async *shots(project: string, options: Paging & Abortable = {}): AsyncGenerator<ShotView, void, void> {
    const ask = ({ signal, ...query }: Paging & Abortable) =>
      this.#ask<ShotListView>("GET", `${path(project)}/shots`, { query, signal });
    yield* pages(options, ask, (page) => page.shots);
  }

  /** Removes a project whose tasks have ended, for good. */
  async deleteProject(project: string, { signal }: Abortable = {}): Promise<void> {
    return this.#ask("DELETE", path(project), { signal });
  }

  /** What can be asked for: each type with the JSON Schema of its parameters. */
  async taskTypes({ signal }: Abortable = {}): Promise<TaskTypeListView> {
    return this.#ask("GET", "/api/v1/task-types", { signal });
  }

  /** The quality presets, and what they mean for each task type. */
  async quality({ signal }: Abortable = {}): Promise<QualityListView> {
    return this.#ask("GET", "/api/v1/quality", { signal });
  }

  /** Name, versions, limits. */
  async info({ signal }: Abortable = {}): Promise<InfoView> {
    return this.#ask("GET", "/api/v1/info", { signal });
  }

  /** Whether a token is needed, and who asks. */
  async session({ signal }: Abortable = {}): Promise<SessionView> {
    return this.#ask("GET", "/api/v1/session", { signal });
  }

  /** In a browser, on the service's own origin: a cookie for the token, which is shown no more then. */
  async signIn(token: string, { signal }: Abortable = {}): Promise<SessionView> {
    const headers = { Authorization: `Bearer ${token}` };
    const session = await this.#ask<SessionView>("POST", "/api/v1/session", { headers, repeat: "refused", signal });
    this.#token = undefined;
    return session;
  }

  /** Ends the cookie's session, and every socket that was opened with it. */
  async signOut({ signal }: Abortable = {}): Promise<void> {
    this.#token = undefined;
    return this.#ask("DELETE", "/api/v1/session", { signal });
  }

  /** Where a file is fetched. `width`: in pixels, as a thumbnail: 64, 128, 256, 512 or 1024. */
  artifactUrl(artifact: { url: string } | string, width?: number): string {
    const told = typeof artifact === "string" ? artifact : artifact.url;
    const prefix = this.url.pathname === "/" ? "" : this.url.pathname;
    const address = new URL(told.startsWith(`${prefix}/`) ? told : prefix + told, this.url.origin);
    if (width !== undefined) address.searchParams.set("width", String(width));
    return address.href;
  }

  /** A file, with what it is shown to whoever asks. Throws unless the answer is good. */
  async fetchArtifact(
    artifact: { url: string } | string, { signal, width }: Abortable & { width?: number } = {},
  ): Promise<Response> {
    const headers = this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` };
    const answer = await this.#fetch(this.artifactUrl(artifact, width), { headers, signal: signal ?? null });
    if (!answer.ok) throw await errorOf(answer);
    return answer;
  }

  get #base(): string {
    return this.url.href.replace(/\/$/, "");
  }

  get #fetch(): typeof globalThis.fetch {
    return this.#options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  async #ask<T>(method: string, where: string, question: Question = {}): Promise<T> {
    const { retries = 4, maxRetryAfterS = 60 } = this.#options;
    const repeat = question.repeat ?? "always";
    for (let tries = 0; ; tries++) {
      try {
        return await this.#once<T>(method, where, question);
      } catch (error) {
        question.signal?.throwIfAborted();
        const isLost = error instanceof AuteurError && error.status === 0;
        const isRefused = error instanceof AuteurError && NOT_NOW.has(error.status);
        const mayRepeat = repeat === "always" ? isLost || isRefused : repeat === "refused" && isRefused;
        if (!mayRepeat || tries >= retries) throw error;
        const told = (error as AuteurError).retryAfterS;
        if (told !== undefined && told > maxRetryAfterS) throw error;
        const waitMs = told === undefined ? backoff(tries, 250, 5000) : told * 1000 * (1 + Math.random() / 4);
        await pause(waitMs, question.signal);
      }
    }
  }

  async #once<T>(method: string, where: string, question: Question): Promise<T> {
    const address = new URL(this.#base + where);
    for (const [name, value] of Object.entries(question.query ?? {})) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined && one !== null) address.searchParams.append(name, String(one));
      }
    }
    const headers: Record<string, string> = { Accept: "application/json", ...question.headers };
    if (this.#token !== undefined) headers["Authorization"] ??= `Bearer ${this.#token}`;
    if (question.json !== undefined) headers["Content-Type"] = "application/json";
    const body = question.json === undefined ? question.body : JSON.stringify(question.json);
    const limit = deadline(question.timeoutMs ?? this.#options.timeoutMs ?? 30_000, question.signal);
    try {
      const answer = await this.#fetch(address, { method, headers, body: body ?? null, signal: limit.signal });
      if (!answer.ok) throw await errorOf(answer);
      if (answer.status === 204) return undefined as T;
      const text = await answer.text();
      try {
        return JSON.parse(text) as T;
      } catch (cause) {
        throw new AuteurError({ code: "NOT_AUTEUR", message: "The answer is no JSON.", status: answer.status, cause });
      }
    } catch (error) {
      if (error instanceof AuteurError) throw error;
      question.signal?.throwIfAborted();
      throw new AuteurError({ code: "NETWORK", message: "No answer came from the service.", cause: error });
    } finally {
      limit.done();
    }
  }
}

function asked(json: unknown, options: Repeatable): Question {
  return { json, headers: { "Idempotency-Key": options.idempotencyKey ?? newId() }, signal: options.signal };
}

/** Also where a page is not served over https, and so has no `randomUUID`. */
export function newId(): string {
  if (globalThis.crypto.randomUUID) return globalThis.crypto.randomUUID();
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/** As one part of a path. Dots alone would be taken for the folder above, whatever they are written as. */
function segment(part: string): string {
  if (/^\.{0,2}$/.test(part)) throw new TypeError(`"${part}" is no id.`);
  return encodeURIComponent(part);
}

function path(project: string, taskId?: string): string {
  const base = `/api/v1/projects/${segment(project)}`;
  return taskId === undefined ? base : `${base}/tasks/${segment(taskId)}`;
}

async function* pages<P extends { next: string | null }, O extends Paging, T>(
  options: O, ask: (options: O) => Promise<P>, of: (page: P) => readonly T[],
): AsyncGenerator<T, void, void> {
  let cursor: string | undefined = options.cursor;
  do {
    const page: P = await ask({ ...options, cursor });
    yield* of(page);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

async function errorOf(answer: Response): Promise<AuteurError> {
  const after = answer.headers.get("Retry-After");
  const seconds = after === null ? NaN : /^\d+$/.test(after) ? Number(after) : (Date.parse(after) - Date.now()) / 1000;
  const common = { status: answer.status, retryAfterS: Number.isNaN(seconds) ? undefined : Math.max(0, seconds) };
  try {
    const { error, request_id: requestId } = (await answer.json()) as {
      error: { code: string; message: string; details?: Record<string, unknown> };
      request_id?: string;
    };
    return new AuteurError({ ...common, code: error.code, message: error.message, details: error.details, requestId });
  } catch {
    const message = `The answer was ${answer.status}, and not in the service's words.`;
    return new AuteurError({ ...common, code: "NOT_AUTEUR", message });
  }
}
