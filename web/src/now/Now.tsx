// What is being made, and what waits: previews, places, time left; batches as one.
import { useSignal } from "@preact/signals";
import { Button } from "../ui/Button";
import { Chevron } from "../ui/icons";
import { Picture } from "../board/Cell";
import { grouped, progressOf, type Batch } from "./batches";
import { cancel, cancelAll } from "../state/actions";
import { counts, openIds, taskSignal } from "../state/store";
import { stateOf, takeOf, titleOf } from "../state/tasks";
import type { Task } from "../wire";

const SHOWN = 40;

export function Now() {
  const groups = grouped(openIds.value);
  if (!groups.length) return null;
  const shown = groups.slice(0, SHOWN);
  const inShown = shown.reduce((sum, one) => sum + ("open" in one ? one.open.length : 1), 0);
  const more = counts.value.open - inShown;
  return (
    <section class="now" aria-labelledby="now-title">
      <h2 id="now-title">In progress <span class="dim numbers">{counts.value.open.toLocaleString("en")}</span></h2>
      <ul>
        {shown.map((one) => ("open" in one ? <Together key={one.key} batch={one} /> : <Alone key={one.task_id} id={one.task_id} />))}
      </ul>
      {more > 0 && <p class="dim numbers">{`and ${more.toLocaleString("en")} more that wait`}</p>}
    </section>
  );
}

function Alone({ id }: { id: string }) {
  const task = taskSignal(id)?.value;
  return task ? <Item task={task} /> : null;
}

function Item({ task }: { task: Task }) {
  return (
    <li class={`open ${task.status}`} data-open={task.task_id}>
      <Picture task={task} width={96} />
      <div class="about">
        <p class="title" title={titleOf(task)}>{takeOf(task) && <b>{takeOf(task)} </b>}{titleOf(task)}</p>
        <p class="state numbers">{task.cancel_requested ? "being cancelled" : stateOf(task)}</p>
        {task.message && task.status === "running" && <p class="state">{task.message}</p>}
        {task.notice && task.status !== "running" && <p class="state">{task.notice}</p>}
        <progress max={1} value={task.progress} aria-label={`Progress of ${titleOf(task).slice(0, 60)}`} />
      </div>
      <Button kind="quiet" label={`Cancel ${titleOf(task).slice(0, 60)}`} title="Cancel" disabled={task.cancel_requested ?? false} onClick={() => void cancel(task)}>
        Cancel
      </Button>
    </li>
  );
}

function Together({ batch }: { batch: Batch }) {
  const open = useSignal(false);
  const ids = batch.open.map((task) => task.task_id);
  for (const id of ids) void taskSignal(id)?.value; // follow them all
  const share = progressOf(batch);
  const done = batch.total - batch.open.length;
  return (
    <li class="batch" data-batch={batch.key}>
      <div class="about">
        <p class="title">
          <Button kind="quiet" expanded={open.value} onClick={() => (open.value = !open.value)}>
            <Chevron open={open.value} /> {batch.name}
          </Button>
        </p>
        <p class="state numbers">{`${done} of ${batch.total} ended, ${Math.round(share * 100)} %`}</p>
        <progress max={1} value={share} aria-label={`Progress of ${batch.name}`} />
      </div>
      <Button kind="quiet" label={`Cancel all of ${batch.name}`} title="Cancel all" onClick={() => void cancelAll(ids)}>Cancel all</Button>
      {open.value && <ul>{ids.slice(0, SHOWN).map((id) => <Alone key={id} id={id} />)}</ul>}
    </li>
  );
}
