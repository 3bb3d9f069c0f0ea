// Tasks that were asked for in one go, as one. What the page itself sends carries the name and size of its batch, so
// that they are known after a reload; of other batches, what was heard of them.
import { listen, taskNow } from "../state/store";
import type { Task } from "../wire";

export interface Batch {
  key: string;
  name: string;
  open: Task[];
  total: number;
  /** 0 to 1, over all of it. */
  progress: number;
}

/** How many were heard of, by the id that asked for them; forgotten with the last that is open. */
const heard = new Map<string, number>();

listen({
  added(task) {
    if (task.reply_to) heard.set(task.reply_to, (heard.get(task.reply_to) ?? 0) + 1);
    if (heard.size > 500) for (const key of heard.keys()) {
      heard.delete(key);
      break;
    }
  },
  removed: () => undefined,
  replaced: () => heard.clear(),
});

function keyOf(task: Task): string | null {
  const named = task.metadata["batch"];
  if (typeof named === "string" && named) return named;
  return task.reply_to && (heard.get(task.reply_to) ?? 0) > 1 ? task.reply_to : null;
}

/** Open tasks: those of batches together, the others alone, in the order of acceptance. */
export function grouped(ids: readonly string[]): (Batch | Task)[] {
  const batches = new Map<string, Batch>();
  const found: (Batch | Task)[] = [];
  for (const id of ids) {
    const task = taskNow(id);
    if (!task) continue;
    const key = keyOf(task);
    if (!key) {
      found.push(task);
      continue;
    }
    let batch = batches.get(key);
    if (!batch) {
      const size = task.metadata["batch_size"];
      const named = key === task.metadata["batch"];
      batch = { key, name: named ? key : "Batch", open: [], total: typeof size === "number" ? size : (heard.get(key) ?? 0), progress: 0 };
      batches.set(key, batch);
      found.push(batch);
    }
    batch.open.push(task);
  }
  for (const batch of batches.values()) {
    batch.total = Math.max(batch.total, batch.open.length);
    batch.progress = progressOf(batch);
  }
  return found;
}

export function progressOf(batch: Batch): number {
  const under = batch.open.reduce((sum, task) => sum + (taskNow(task.task_id)?.progress ?? 1), 0);
  return batch.total ? (batch.total - batch.open.length + under) / batch.total : 0;
}
