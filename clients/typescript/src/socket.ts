/**
 * One project's events, each once and in order, over every cut of the line.
 *
 * A connection is followed until it ends; then another one goes on after the position of the last message that was
 * handed out. What was said and not answered is said again: its id is its idempotency key, so that it is one task. A
 * request for a task is said again over HTTP, since a socket repeats the recorded answer with its old position, which
 * could not be told from the log's own words.
 */

import type { Auteur } from "./auteur.js";
import { newId } from "./auteur.js";
import { Channel } from "./channel.js";
import { AuteurError } from "./errors.js";
import { wholeMessage } from "./fold.js";
import { backoff, pause } from "./waiting.js";
import type {
  ClientMessage, CompleteMessage, ConnectedMessage, ErrorMessage, GenerationRequest, Marks, NamedRequest, ProjectView,
  PromotionRequest, ServerMessage, TaskView,
} from "./wire.js";

/** As much of the platform's WebSocket as is used; of its handlers every platform has types of its own. */
export interface WebSocketLike {
  onopen: any;
  onmessage: any;
  onclose: any;
  onerror: any;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

export interface SocketOptions {
  /** Go on after this position: a message's, or that of `auteur.project(id)`; "0": from the oldest event that is kept.
   * Without it the first message has the state as it is then. */
  after?: string | undefined;
  /** Closes the socket. */
  signal?: AbortSignal | undefined;
  /** As `on("message", …)`, from the first one on. */
  onMessage?: ((message: ServerMessage) => void) | undefined;
  /** Every frame as it passes, before anything is made of it: for looking on. */
  onFrame?: ((direction: "in" | "out", text: string) => void) | undefined;
  /** How many messages may wait for a slow loop. Then the line is let go, and taken up again at the loop's position
   * when half of them are read. All who hear this socket wait with it. 1000. */
  buffer?: number | undefined;
  /** After so long a silence the service is asked whether it is there. 20 000. */
  silenceMs?: number | undefined;
  /** So long it has for an answer, and for opening a connection; then the line is dead and cut. 10 000. */
  answerMs?: number | undefined;
  backoff?: {
    /** The first bound, which doubles. 250. */
    baseMs?: number | undefined;
    /** And its end. 10 000. */
    capMs?: number | undefined;
    /** A connection that lived so long begins at the first bound again. 5000. */
    stableMs?: number | undefined;
  } | undefined;
}

export interface SocketStatus {
  /** `live`: what is heard is what is. `paused`: a slow loop is waited for. Else what is known may be old. */
  status: "connecting" | "live" | "waiting" | "paused" | "closed";
  /** While it waits: for how long. */
  delayMs?: number;
  /** Why it is not live, as far as that is known. */
  error?: AuteurError;
}

export interface FreshState {
  state: ProjectView;
  position: string;
  /** False for the first state; true where events that nobody here heard of are in it, and in no message. */
  history_lost: boolean;
}

type ByType = { [Type in ServerMessage["type"]]: Extract<ServerMessage, { type: Type }> };

export interface SocketEvents extends ByType {
  /** Every message, once and in order. */
  message: ServerMessage;
  /** The state as it is now, which replaces all that was known. */
  state: FreshState;
  /** The same, where the position could not be honoured. */
  history_lost: FreshState;
  status: SocketStatus;
  /** The end: undefined where it was closed here, or the project was deleted as it was told. */
  closed: AuteurError | undefined;
}

export type Listener<Name extends keyof SocketEvents> = (event: SocketEvents[Name]) => void;
export type Ending = CompleteMessage | (ErrorMessage & { task_id: string });

/** What was accepted. */
export interface Accepted {
  task_id: string;
  /** The id of the message that asked: its idempotency key. */
  reply_to: string;
  task_type: string;
  quality: string;
  params: Record<string, unknown>;
  shot?: string | null;
  take?: number | null;
  notice?: string | null;
  waits_for?: string[] | null;
}

export interface AcceptedBatch {
  reply_to: string;
  /** In the order of the requests. */
  task_ids: string[];
  /** Of the requests that have a name, the task's id by it. */
  names: Record<string, string>;
}

export interface SayOptions {
  /** A UUID: the idempotency key, for what may have been asked before. Drawn if there is none. */
  id?: string | undefined;
  /** Ends the wait for the answer; what was said is said. */
  signal?: AbortSignal | undefined;
}

/** What a socket needs of its service. */
export interface Line {
  options: SocketOptions;
  protocols: (signal: AbortSignal) => Promise<string[] | undefined>;
  signIn: (why: AuteurError) => Promise<void>;
  /** Rejects with why the project cannot be heard; a browser does not say why a socket was refused. */
  look: (signal: AbortSignal) => Promise<void>;
}

interface Pending {
  readonly id: string;
  readonly message: ClientMessage;
  /** How a request for tasks is asked again, over HTTP; what is not one is harmless to say again. */
  readonly again: (() => Promise<unknown>) | undefined;
  /** Ends what is under way for it. */
  readonly waiting: AbortController;
  /** The answer of a message that has none: whatever comes before the pong was about it. */
  pingId: string | undefined;
  /** Whether it may have reached the service. */
  wasSaid: boolean;
  /** How often it was said. */
  times: number;
  isAsking: boolean;
  refusals: number;
  readonly resolve: (value: any) => void;
  readonly reject: (error: unknown) => void;
}

/** The same request once more. */
interface Again {
  idempotencyKey: string;
  signal: AbortSignal;
}

/** How a connection ended. `greeted`: it was one. */
interface Ended {
  code: number;
  greeted: boolean;
  livedMs: number;
  said: AuteurError | undefined;
}

/** Let go here; no code of any platform's. Deno has 0 for a connection that was refused. */
const CUT = -1;
const SIGNED_OUT = 4401;
const GONE = 4410;
const MOST_PENDING = 1000;
const MOST_REFUSALS = 20;
const BEFORE_ANYTHING = "RATE_LIMITED";
const NOTHING = (): void => undefined;

export class ProjectSocket implements AsyncIterable<ServerMessage> {
  readonly project: string;
  /** Resolves when the socket has ended for good, with why; undefined where it was closed here. */
  readonly closed: Promise<AuteurError | undefined>;
  readonly #auteur: Auteur;
  readonly #address: string;
  readonly #WebSocket: WebSocketConstructor;
  readonly #line: Line;
  readonly #options: SocketOptions;
  readonly #ending = new AbortController();
  readonly #listeners = new Map<keyof SocketEvents, Set<(event: any) => void>>();
  readonly #channels = new Map<Channel<ServerMessage>, (message: ServerMessage) => boolean>();
  readonly #pending = new Set<Pending>();
  #position: string | undefined;
  #status: SocketStatus = { status: "connecting" };
  #socket: WebSocketLike | undefined;
  #cut: (code: number) => void = NOTHING;
  #wake: () => void = NOTHING;
  #greeted = false;
  #paused = false;
  /** Opened only to be answered, while a slow loop is waited for: what it hears of the log is heard again later. */
  #mute = false;
  #deleted = false;
  #ended: { error: AuteurError | undefined } | undefined;
  #resolveClosed: (error: AuteurError | undefined) => void = NOTHING;

  /** Made by `auteur.open`. */
  constructor(auteur: Auteur, project: string, address: string, WebSocket: WebSocketConstructor, line: Line) {
    this.#auteur = auteur;
    this.project = project;
    this.#address = address;
    this.#WebSocket = WebSocket;
    this.#line = line;
    this.#options = line.options;
    this.#position = line.options.after;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    if (line.options.onMessage) this.on("message", line.options.onMessage);
    const { signal } = line.options;
    signal?.addEventListener("abort", () => this.close(), { once: true, signal: this.#ending.signal });
    globalThis.addEventListener?.("online", () => this.#wake(), { signal: this.#ending.signal });
    if (signal?.aborted) this.close();
    else void this.#run().catch((error: unknown) => this.#end(asError(error)));
  }

  /** After the last message that was handed out; keep it, and `open(project, {after})` goes on there. */
  get position(): string | undefined {
    return this.#position;
  }

  get status(): SocketStatus {
    return this.#status;
  }

  /** Hears of something; the function that ends that. What a listener throws stops nothing here. */
  on<Name extends keyof SocketEvents>(
    name: Name, listener: Listener<Name>, { signal }: { signal?: AbortSignal | undefined } = {},
  ): () => void {
    const known = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, known.add(listener));
    const off = () => void known.delete(listener);
    signal?.addEventListener("abort", off, { once: true });
    return off;
  }

  /**
   * Every message from now on, until the socket ends; throws why, unless it was closed here. At most `buffer` of them
   * wait for a slow loop: then it is waited for.
   */
  messages({ signal }: { signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<ServerMessage> {
    return this.#subscribe(() => true, signal);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ServerMessage> {
    return this.messages();
  }

  /**
   * What happens to one task, to its end: the last message is `complete`, `error` or `task_deleted`. One that had ended
   * already is told as its record has it, without a `position`.
   */
  async *watch(
    taskId: string, { signal }: { signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<ServerMessage, void, void> {
    const isAbout = (message: ServerMessage) =>
      message.type === "connected" || ("task_id" in message && message.task_id === taskId);
    const heard = this.#subscribe(isAbout, signal);
    const ended = async () => endingOf(await this.#auteur.task(this.project, taskId, { signal }));
    try {
      let ending = await ended();
      if (ending) return yield ending;
      for await (const message of heard) {
        if (message.type === "connected") {
          if ((ending = await ended())) return yield ending;
          continue;
        }
        yield message;
        if (message.type === "complete" || message.type === "error" || message.type === "task_deleted") return;
      }
    } finally {
      void heard.return?.();
    }
  }

  /** Asks for a task. Resolves when it is accepted. */
  start(request: GenerationRequest, options: SayOptions = {}): Promise<Accepted> {
    return this.#ask({ type: "start_generation", ...request }, options, (again) =>
      this.#auteur.submit(this.project, request, again).then(accepted(again)));
  }

  /** Asks for several tasks, all or none. A message has 64 KiB at most; `auteur.batch` takes more. */
  startBatch(requests: NamedRequest[], options: SayOptions = {}): Promise<AcceptedBatch> {
    return this.#ask({ type: "start_batch", requests }, options, async (again) => {
      const { tasks, names } = await this.#auteur.batch(this.project, requests, again);
      return { reply_to: again.idempotencyKey, task_ids: tasks.map((task) => task.task_id), names };
    });
  }

  /** Makes a take again; without a wish, at the next higher quality. */
  promote(taskId: string, wish: PromotionRequest = {}, options: SayOptions = {}): Promise<Accepted> {
    return this.#ask({ type: "promote", task_id: taskId, ...wish }, options, (again) =>
      this.#auteur.promote(this.project, taskId, wish, again).then(accepted(again)));
  }

  /** Asks for a task to stop; resolves when that is understood. Its ending follows, unless it ends otherwise first. */
  cancel(taskId: string, options: SayOptions = {}): Promise<void> {
    return this.#ask({ type: "cancel", task_id: taskId }, options);
  }

  /** Marks a task as a favourite, or circles a take of its shot. */
  mark(taskId: string, marks: Marks, options: SayOptions = {}): Promise<void> {
    return this.#ask({ type: "mark", task_id: taskId, ...marks }, options);
  }

  /** Removes an ended task, record and files, for good. */
  deleteTask(taskId: string, options: SayOptions = {}): Promise<void> {
    return this.#ask({ type: "delete_task", task_id: taskId }, options);
  }

  /** Ends it for good. Loops end; what waits for an answer is rejected. */
  close(): void {
    this.#end(undefined);
  }

  // --- the line ------------------------------------------------------------------------------------------------------

  async #run(): Promise<void> {
    const { baseMs = 250, capMs = 10_000, stableMs = 5000 } = this.#options.backoff ?? {};
    const { signal } = this.#ending;
    let tries = 0;
    while (!this.#ended) {
      if (this.#paused && this.#pending.size === 0) {
        this.#say({ status: "paused" });
        await this.#woken();
        continue;
      }
      this.#say({ status: "connecting" });
      let error: AuteurError | undefined;
      try {
        const protocols = await this.#line.protocols(signal);
        if (this.#ended) return;
        const end = await this.#converse(protocols);
        if (this.#ended) return;
        error = end.said;
        if (end.code === GONE && this.#deleted) return this.#end(undefined);
        if (end.code >= 4400 && end.code < 4500) throw refusal(end);
        if (end.livedMs >= stableMs) tries = 0;
        if (end.code === CUT) continue; // let go here
        if (!end.greeted) await this.#line.look(signal);
      } catch (thrown) {
        if (this.#ended) return;
        error = asError(thrown);
        if (error.code === "UNAUTHENTICATED") await this.#line.signIn(error);
        else if (isFinal(error)) throw error;
      }
      const delayMs = Math.max(backoff(tries++, baseMs, capMs), (error?.retryAfterS ?? 0) * 1000 * Math.random());
      this.#say({ status: "waiting", delayMs, ...(error ? { error } : {}) });
      await this.#woken(delayMs);
    }
  }

  /** Follows one connection to its end. */
  #converse(protocols: string[] | undefined): Promise<Ended> {
    const { silenceMs = 20_000, answerMs = 10_000 } = this.#options;
    const query = this.#position === undefined ? "" : `?after=${encodeURIComponent(this.#position)}`;
    const socket = protocols ? new this.#WebSocket(this.#address + query, protocols)
      : new this.#WebSocket(this.#address + query);
    this.#socket = socket;
    this.#greeted = false;
    this.#mute = this.#paused;
    let said: AuteurError | undefined;
    let heardAt = Date.now();
    let greetedAt = 0;
    let askedAt = heardAt; // for its greeting first
    return new Promise((resolve) => {
      const end = (code: number) => {
        clearInterval(watching);
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.onerror = NOTHING;
        this.#cut = NOTHING;
        this.#socket = undefined;
        this.#greeted = false;
        resolve({ code, greeted: greetedAt > 0, livedMs: greetedAt ? Date.now() - greetedAt : 0, said });
      };
      const drop = (code: number) => {
        end(code);
        try {
          socket.close(1000);
          // a dead line answers no farewell; the package ws waits half a minute for it
          if (code !== CUT) (socket as { terminate?: () => void }).terminate?.();
        } catch {
          // it was not open yet
        }
      };
      this.#cut = drop;
      const watching = setInterval(() => {
        const now = Date.now();
        if (askedAt && now - askedAt > answerMs) drop(1006);
        else if (!askedAt && now - heardAt > silenceMs) {
          askedAt = now;
          this.#send({ type: "ping", id: newId() });
        }
      }, Math.max(10, Math.min(silenceMs, answerMs) / 4));
      socket.onerror = NOTHING; // the close that follows says it
      socket.onclose = ({ code }: { code: number }) => end(code);
      socket.onmessage = ({ data }: { data: unknown }) => {
        heardAt = Date.now();
        let message: ServerMessage;
        try {
          message = wholeMessage(JSON.parse(String(data)) as ServerMessage);
        } catch {
          return drop(1006); // whatever it is, it is not the service
        }
        if (message.type === "connected") greetedAt ||= heardAt;
        if (greetedAt) askedAt = 0;
        if (message.type === "error" && !message.task_id && !message.reply_to) said = errorIn(message);
        this.#show("in", String(data));
        this.#hear(message);
      };
    });
  }

  #hear(message: ServerMessage): void {
    if (message.type === "connected") return this.#welcome(message);
    const replyTo = "reply_to" in message ? message.reply_to : undefined;
    const asked = replyTo ? this.#asked(replyTo) : undefined;
    if (message.type === "pong") return asked && this.#settle(asked, undefined);
    if (message.position) {
      if (this.#mute || isBefore(message.position, this.#position)) {
        if (asked) this.#settle(asked, message);
        return;
      }
      this.#position = message.position;
      if (message.type === "project_deleted") this.#deleted = true;
      this.#deliver(message);
      if (asked) this.#settle(asked, message);
      return;
    }
    if (!asked) {
      if (!this.#mute) this.#deliver(message);
    } else if (message.type === "error") this.#refused(asked, errorIn(message));
    else this.#settle(asked, message);
  }

  #welcome(message: ConnectedMessage): void {
    const wasKnown = this.#position !== undefined;
    this.#greeted = true;
    if (!this.#mute) {
      this.#say({ status: "live" });
      if (message.position) this.#position = message.position;
      this.#emit("connected", message);
      if (message.state) {
        this.#deliver(message, false);
        const fresh = { state: message.state, position: message.state.position, history_lost: wasKnown };
        this.#emit("state", fresh);
        if (wasKnown) this.#emit("history_lost", fresh);
      }
    }
    for (const asked of this.#pending) this.#repeat(asked);
  }

  #deliver(message: ServerMessage, isTyped = true): void {
    this.#emit("message", message);
    if (isTyped) this.#emit(message.type, message as never);
    const { buffer = 1000 } = this.#options;
    for (const [channel, isWanted] of this.#channels) {
      if (!isWanted(message)) continue;
      channel.push(message);
      if (channel.size >= buffer && !this.#paused) {
        this.#paused = true;
        this.#cut(CUT);
      }
    }
  }

  #subscribe(isWanted: (message: ServerMessage) => boolean, signal?: AbortSignal): Channel<ServerMessage> {
    const stop = () => {
      this.#channels.delete(channel); // a loop that is ended so does not say that it has left
      channel.end(signal?.reason);
      this.#resume();
    };
    const channel: Channel<ServerMessage> = new Channel<ServerMessage>({
      taken: () => this.#resume(),
      left: () => {
        this.#channels.delete(channel);
        signal?.removeEventListener("abort", stop);
        this.#resume();
      },
    });
    if (this.#ended) channel.end(this.#ended.error);
    else if (signal?.aborted) stop();
    else this.#channels.set(channel, isWanted);
    signal?.addEventListener("abort", stop, { once: true });
    return channel;
  }

  /** Goes on once every loop has read half of what waited for it. */
  #resume(): void {
    if (!this.#paused) return;
    const half = (this.#options.buffer ?? 1000) / 2;
    for (const channel of this.#channels.keys()) if (channel.size > half) return;
    this.#paused = false;
    if (this.#mute) this.#cut(CUT);
    this.#wake();
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  #ask(
    message: ClientMessage, { id: known, signal }: SayOptions, again?: (again: Again) => Promise<unknown>,
  ): Promise<any> {
    const key = known?.toLowerCase() ?? newId();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      if (this.#ended) return reject(this.#ended.error ?? closedHere());
      if (this.#pending.size >= MOST_PENDING) {
        const text = `${MOST_PENDING} messages wait for their answer already.`;
        return reject(new AuteurError({ code: "TOO_MANY_PENDING", message: text }));
      }
      const waiting = new AbortController();
      const stop = () => {
        this.#forget(asked);
        reject(signal?.reason as Error);
      };
      const done = () => signal?.removeEventListener("abort", stop);
      signal?.addEventListener("abort", stop, { once: true });
      const asked: Pending = {
        id: key,
        message: { ...message, id: key } as ClientMessage,
        again: again && (() => again({ idempotencyKey: key, signal: waiting.signal })),
        waiting,
        pingId: undefined,
        // an id of the caller's own may have been used before
        wasSaid: known !== undefined,
        times: 0,
        isAsking: false,
        refusals: 0,
        resolve: (value) => (done(), resolve(value)),
        reject: (error) => (done(), reject(error as Error)),
      };
      this.#pending.add(asked);
      if (this.#greeted) this.#repeat(asked);
      else if (this.#paused) this.#wake();
    });
  }

  /** Says it, or asks again. */
  #repeat(asked: Pending): void {
    if (asked.wasSaid && asked.again) {
      if (!asked.isAsking) void this.#askAgain(asked, asked.again);
      return;
    }
    asked.wasSaid = true;
    asked.times++;
    this.#send(asked.message);
    if (asked.again) return;
    // what has no answer of its own has been understood when what was said after it is answered
    asked.pingId = newId();
    this.#send({ type: "ping", id: asked.pingId });
  }

  async #askAgain(asked: Pending, again: () => Promise<unknown>): Promise<void> {
    asked.isAsking = true;
    try {
      const answer = await again();
      if (this.#forget(asked)) asked.resolve(answer);
    } catch (error) {
      // whether it was accepted is not known: it is asked until that is, or until somebody should look at the line
      const isLost = error instanceof AuteurError && error.status === 0;
      if (isLost && ++asked.refusals <= MOST_REFUSALS) this.#later(asked, 0.25);
      else if (this.#forget(asked)) asked.reject(error);
    } finally {
      asked.isAsking = false;
    }
  }

  #refused(asked: Pending, error: AuteurError): void {
    if (asked.message.type === "cancel" && error.code === "TASK_ENDED" && asked.times > 1) {
      return this.#settle(asked, undefined); // the first time it was heard, as it seems
    }
    if (!error.temporary || ++asked.refusals > MOST_REFUSALS) {
      this.#forget(asked);
      asked.reject(error);
      return;
    }
    // who talked too fast was not listened to; anything else may have been done all the same
    if (error.code === BEFORE_ANYTHING) asked.wasSaid = false;
    asked.pingId = undefined;
    this.#later(asked, error.retryAfterS ?? 1);
  }

  /** Says it again in so many seconds, or as many more; without the service, when it is greeted. */
  #later(asked: Pending, seconds: number): void {
    void pause(seconds * 1000 * (1 + Math.random()), asked.waiting.signal).then(() => {
      if (this.#greeted && this.#pending.has(asked)) this.#repeat(asked);
    }, NOTHING);
  }

  #settle(asked: Pending, message: ServerMessage | undefined): void {
    // each task of a batch names the batch
    if (asked.message.type === "start_batch" && message?.type !== "batch_started") return;
    if (this.#forget(asked)) asked.resolve(asked.again ? message : undefined);
  }

  /** Whether it still waited. */
  #forget(asked: Pending): boolean {
    const waited = this.#pending.delete(asked);
    if (waited) asked.waiting.abort();
    if (this.#mute && this.#pending.size === 0) this.#cut(CUT);
    return waited;
  }

  /** What was said here under this id. What was asked over HTTP alone is answered there, and by nothing else. */
  #asked(id: string): Pending | undefined {
    for (const asked of this.#pending) if (asked.times > 0 && (asked.id === id || asked.pingId === id)) return asked;
    return undefined;
  }

  #send(message: ClientMessage): void {
    const text = JSON.stringify(message);
    this.#show("out", text);
    try {
      this.#socket?.send(text);
    } catch {
      this.#cut(1006); // it is closing; who is asked again is asked on the next
    }
  }

  // --- the rest ------------------------------------------------------------------------------------------------------

  #end(error: AuteurError | undefined): void {
    if (this.#ended) return;
    this.#ended = { error };
    this.#cut(CUT);
    this.#ending.abort();
    for (const asked of this.#pending) {
      asked.reject(error ?? closedHere());
      this.#forget(asked);
    }
    for (const channel of this.#channels.keys()) channel.end(error);
    this.#channels.clear();
    this.#say({ status: "closed", ...(error ? { error } : {}) });
    this.#emit("closed", error);
    this.#listeners.clear();
    this.#wake();
    this.#resolveClosed(error);
  }

  /** Returns when there is something to do, or after so long. */
  #woken(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #say(status: SocketStatus): void {
    this.#status = status;
    this.#emit("status", status);
  }

  #emit<Name extends keyof SocketEvents>(name: Name, event: SocketEvents[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) apart(() => listener(event));
  }

  #show(direction: "in" | "out", text: string): void {
    const { onFrame } = this.#options;
    if (onFrame) apart(() => onFrame(direction, text));
  }
}

/** What is thrown by who is told is told to the platform, and stops nothing here. */
function apart(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Whether a position is at or before another of the same log. Positions of different epochs say nothing of order. */
function isBefore(position: string, than: string | undefined): boolean {
  const [epoch, seq] = split(position);
  const [known, last] = split(than ?? "");
  return epoch === known && seq <= last;
}

function split(position: string): [string, number] {
  const dash = position.lastIndexOf("-");
  return [position.slice(0, dash), Number(position.slice(dash + 1))];
}

function accepted({ idempotencyKey }: Again): (task: TaskView) => Accepted {
  return (task) => ({ ...task, reply_to: idempotencyKey });
}

/** The ending that a record tells of; undefined for a task that is open. */
export function endingOf(task: TaskView): Ending | undefined {
  const { task_id, project_id, metadata, result, error, ended_at, started_at } = task;
  if (!ended_at) return undefined;
  const common = { id: newId(), project_id, task_id, metadata, timestamp: ended_at };
  if (result && task.status === "succeeded") {
    const duration = started_at ? (Date.parse(ended_at) - Date.parse(started_at)) / 1000 : 0;
    return { ...common, type: "complete", result, duration };
  }
  const { code = "HANDLER_ERROR", message = "", details = {} } = error ?? {};
  return { ...common, type: "error", error_code: code, message, details };
}

function errorIn(message: ErrorMessage): AuteurError {
  return new AuteurError({ code: message.error_code, message: message.message, details: message.details ?? {} });
}

function refusal(end: Ended): AuteurError {
  if (end.said) return end.said;
  const [code, message] =
    end.code === SIGNED_OUT ? ["UNAUTHENTICATED", "What was shown no longer counts: sign in again."]
    : end.code === GONE ? ["PROJECT_DELETED", "The project was deleted."]
    : ["INVALID_MESSAGE", "The service refused the conversation."];
  return new AuteurError({ code, message, details: { close_code: end.code } });
}

/** Whether coming back changes nothing: the service itself has said that the request is wrong. */
function isFinal(error: AuteurError): boolean {
  if (error.temporary || error.code === "NOT_AUTEUR") return false;
  return error.status === 0 || (error.status >= 400 && error.status < 500);
}

function asError(error: unknown): AuteurError {
  if (error instanceof AuteurError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AuteurError({ code: "CLIENT_ERROR", message, cause: error });
}

function closedHere(): AuteurError {
  return new AuteurError({ code: "CLOSED", message: "The socket was closed." });
}
