// A list of tasks, newest first, read page by page as far as somebody looks. Pages that are far from where they look
// keep their ids only, and are read again, by the same cursor, when they come near.
import { batch } from "@preact/signals";
import { problem } from "./notices";
import { hold, laidOut, readTasks, release, taskSignal } from "./store";
import type { Status, Task } from "../wire";

/** What the service can be asked for. */
export interface Query {
  q?: string;
  shot?: string;
  task_type?: string;
  quality?: string;
  favourite?: boolean;
  statuses?: readonly Status[];
}

interface Chunk {
  cursor: string | null;
  ids: string[];
  resident: boolean;
  loading: boolean;
}

const PAGE = 100;
const NEAR = 1;
const AROUND = 60;
const AGAIN_MS = 3_000;
/** How many tasks are looked at here before the person is asked whether to go on. */
const PATIENCE = 1_000;

export class Feed {
  begun = false;
  /** Tasks that were looked at here, because the service cannot be asked for what is wanted. */
  looked = 0;
  private chunks: Chunk[] = [];
  /** In which chunk each task is: whoever asks for one looks at no others. */
  private readonly where = new Map<string, Chunk>();
  private next: string | null = null;
  private loading = false;
  private failedAt = 0;
  private ended = false;
  private patience = PATIENCE;
  private early: Task[] = [];

  /** `keep`: what is looked for here. `expected`: how many there will be; null where nobody knows. */
  constructor(
    readonly project: string,
    readonly query: Query,
    readonly keep: ((task: Task) => boolean) | null,
    private readonly expected: (() => number) | null,
  ) {}

  get known(): number {
    let sum = 0;
    for (const chunk of this.chunks) sum += chunk.ids.length;
    return sum;
  }

  get complete(): boolean {
    return this.begun && (this.next === null || (this.keep !== null && this.expected !== null && this.known >= this.expected()));
  }

  /** It has looked at so many in vain that it waits to be told to go on. */
  get tired(): boolean {
    return !this.complete && this.keep !== null && this.looked >= this.patience;
  }

  /** How many places it takes. */
  get length(): number {
    if (this.complete || this.tired) return this.known;
    return Math.max(this.known + (this.expected ? 0 : 1), this.expected?.() ?? 0);
  }

  lookFurther(): void {
    this.patience = this.looked + PATIENCE;
    laidOut.value += 1;
  }

  idAt(index: number): string | undefined {
    for (const chunk of this.chunks) {
      if (index < chunk.ids.length) return chunk.ids[index];
      index -= chunk.ids.length;
    }
    return undefined;
  }

  indexOf(id: string): number {
    const home = this.where.get(id);
    if (!home) return -1;
    let before = 0;
    for (const chunk of this.chunks) {
      if (chunk === home) break;
      before += chunk.ids.length;
    }
    return before + home.ids.indexOf(id);
  }

  /** The tasks that are here around a place, in order, and where that place is among them; follows each of them. */
  around(index: number): { tasks: Task[]; index: number } {
    const tasks: Task[] = [];
    let at = 0;
    for (let place = Math.max(0, index - AROUND); place < Math.min(this.known, index + AROUND); place += 1) {
      const id = this.idAt(place);
      const task = id === undefined ? undefined : taskSignal(id)?.value;
      if (place === index) at = tasks.length;
      if (task) tasks.push(task);
    }
    return { tasks, index: at };
  }

  /** Somebody looks at these places. */
  want(from: number, to: number): void {
    if (this.ended) return;
    if (!this.begun) {
      void this.read(null);
      return;
    }
    let [before, first, last] = [0, -1, -1];
    this.chunks.forEach((chunk, number) => {
      const end = before + chunk.ids.length;
      if (end > from && before < to) {
        if (first < 0) first = number;
        last = number;
      }
      before = end;
    });
    if (to > before && this.next !== null && !this.complete && !this.tired) void this.read(this.next);
    if (first < 0) [first, last] = [this.chunks.length - 1, this.chunks.length - 1];
    this.chunks.forEach((chunk, number) => {
      if (number >= first && number <= last) void this.reread(chunk);
      else if (number < first - NEAR || number > last + NEAR) this.letGo(chunk);
    });
  }

  added(task: Task): void {
    if (!this.matches(task)) return;
    if (!this.begun) {
      if (this.loading) this.early.push(task); // it may not be in the page that is on its way
      return;
    }
    if (this.where.has(task.task_id)) return;
    const head = this.chunks[0];
    if (!head) return;
    head.ids.unshift(task.task_id);
    this.where.set(task.task_id, head);
    if (head.resident) hold(task);
  }

  removed(id: string): void {
    const chunk = this.where.get(id);
    if (!chunk) return;
    this.where.delete(id);
    chunk.ids.splice(chunk.ids.indexOf(id), 1);
    if (chunk.resident) release(id);
  }

  /** Nobody looks any more. */
  dispose(): void {
    this.ended = true;
    for (const chunk of this.chunks) this.letGo(chunk);
    this.chunks = [];
    this.where.clear();
  }

  private matches(task: Task): boolean {
    const { q, shot, task_type, quality, favourite, statuses } = this.query;
    if (shot !== undefined && task.shot !== shot) return false;
    if (task_type !== undefined && task.task_type !== task_type) return false;
    if (quality !== undefined && task.quality !== quality) return false;
    if (favourite !== undefined && task.favourite !== favourite) return false;
    if (statuses?.length && !statuses.includes(task.status)) return false;
    if (q) {
      const text = `${task.params["prompt"] ?? ""} ${task.shot ?? ""} ${Object.values(task.metadata).join(" ")}`.toLowerCase();
      if (!q.toLowerCase().split(/\s+/).every((word) => text.includes(word))) return false;
    }
    return !this.keep || this.keep(task);
  }

  private address(cursor: string | null): URLSearchParams {
    const { q, shot, task_type, quality, favourite, statuses } = this.query;
    const query = new URLSearchParams({ limit: String(PAGE) });
    for (const [name, value] of Object.entries({ q, shot, task_type, quality })) if (value !== undefined) query.set(name, value);
    if (favourite !== undefined) query.set("favourite", String(favourite));
    for (const status of statuses ?? []) query.append("status", status);
    if (cursor) query.set("cursor", cursor);
    return query;
  }

  /** The next page; more of them, where nothing of it is to be shown. */
  private async read(cursor: string | null): Promise<void> {
    if (this.loading || Date.now() - this.failedAt < AGAIN_MS) return;
    this.loading = true;
    try {
      for (;;) {
        const page = await readTasks(this.project, this.address(cursor));
        if (this.ended) return;
        const fresh = page.tasks.filter((task) => (!this.keep || this.keep(task)) && !this.where.has(task.task_id));
        batch(() => {
          for (const task of fresh) hold(task);
          const chunk = { cursor, ids: fresh.map((task) => task.task_id), resident: true, loading: false };
          this.chunks.push(chunk);
          for (const id of chunk.ids) this.where.set(id, chunk);
          this.begun = true;
          this.looked += page.tasks.length;
          this.next = page.next;
          for (const task of this.early.splice(0)) this.added(task);
          laidOut.value += 1;
        });
        cursor = page.next;
        if (fresh.length || cursor === null || this.tired) break;
      }
    } catch (error) {
      this.fails(error);
    } finally {
      this.loading = false;
    }
  }

  private async reread(chunk: Chunk): Promise<void> {
    if (chunk.resident || chunk.loading || Date.now() - this.failedAt < AGAIN_MS) return;
    chunk.loading = true;
    try {
      const page = await readTasks(this.project, this.address(chunk.cursor));
      const here = this.chunks.indexOf(chunk);
      if (this.ended || here < 0) return;
      const later = new Set(this.chunks[here + 1]?.ids);
      const met = page.tasks.findIndex((task) => later.has(task.task_id));
      const own = page.tasks.slice(0, met < 0 ? undefined : met).filter((task) => {
        return (!this.keep || this.keep(task)) && [undefined, chunk].includes(this.where.get(task.task_id));
      });
      const ids = own.map((task) => task.task_id);
      batch(() => {
        for (const task of own) hold(task);
        if (met < 0 && this.chunks[here + 1] && page.next !== null) {
          // it has grown beyond a page since: what is left of it is a chunk of its own
          const rest = chunk.ids.slice(chunk.ids.indexOf(ids.at(-1) ?? "") + 1).filter((id) => !ids.includes(id));
          if (rest.length) {
            const next = { cursor: page.next, ids: rest, resident: false, loading: false };
            this.chunks.splice(here + 1, 0, next);
            for (const id of rest) this.where.set(id, next);
          }
        }
        for (const id of chunk.ids) if (this.where.get(id) === chunk) this.where.delete(id);
        for (const id of ids) this.where.set(id, chunk);
        chunk.ids = ids;
        chunk.resident = true;
        laidOut.value += 1;
      });
    } catch (error) {
      this.fails(error);
    } finally {
      chunk.loading = false;
    }
  }

  private fails(error: unknown): void {
    this.failedAt = Date.now();
    if (this.ended) return;
    problem(`What is older could not be read. ${error instanceof Error ? error.message : ""}`);
    setTimeout(() => (laidOut.value += 1), AGAIN_MS + 50);
  }

  private letGo(chunk: Chunk): void {
    if (!chunk.resident) return;
    chunk.resident = false;
    for (const id of chunk.ids) release(id);
  }
}
