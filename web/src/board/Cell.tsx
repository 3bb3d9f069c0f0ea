// One take: its picture, and under it what it is. It draws itself again when its task changes, and only then.
import type { Signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Stars } from "../ui/icons";
import { leaving } from "../state/store";
import { isOpen, pictured, stateOf, titleOf, words } from "../state/tasks";
import type { Task } from "../wire";

interface Props {
  /** Its task; undefined while that is being read. */
  held: Signal<Task> | undefined;
  section: number;
  index: number;
  width: number;
  focused: boolean;
}

export function Cell({ held, section, index, width, focused }: Props) {
  const task = held?.value;
  const place = `${section}:${index}`;
  const tabIndex = focused ? 0 : -1;
  if (!task) return <div class="cell" role="gridcell" data-place={place} tabIndex={tabIndex} aria-label="being read" aria-busy="true"><div class="shown" /></div>;
  const goes = leaving.value.has(task.task_id);
  return (
    <div
      class={`cell ${task.status} ${task.circled ? "circled" : ""} ${goes ? "goes" : ""}`}
      role="gridcell"
      data-place={place}
      data-task={task.task_id}
      tabIndex={tabIndex}
    >
      <Picture task={task} width={width} />
      <div class="about">
        <p class="title" title={titleOf(task)}>{titleOf(task)}</p>
        <p class="state numbers">
          {task.shot && (
            <b>
              <span class="unseen">{task.shot} {task.circled && "circled"} </span>
              {task.circled && <span aria-hidden="true">{"\u25c9 "}</span>}
              {task.take ? `take ${task.take}` : task.shot}
            </b>
          )}
          <span>{goes ? "deleted \u2013 u undoes it" : task.status === "succeeded" ? kindOf(task) : stateOf(task)}</span>
          {task.favourite && <span class="unseen"> favourite</span>}
        </p>
      </div>
      <span class="more" aria-hidden="true">{"\u2026"}</span>
      {isOpen(task) && <div class="bar" aria-hidden="true"><i style={{ transform: `scaleX(${task.progress})` }} /></div>}
    </div>
  );
}

/** What a take was made as. */
export function kindOf(task: Task): string {
  const kind = task.task_type === "text_to_image" ? "" : `${words(task.task_type)}, `;
  const engine = task.result?.engine;
  return `${kind}${task.quality}${engine ? `, ${engine}` : ""}`;
}

export function Picture({ task, width }: { task: Task; width: number }) {
  const made = pictured(task);
  const source = made ? `${made.url}?width=${width * devicePixelRatio > 340 ? 512 : 256}` : isOpen(task) ? task.preview_url : null;
  const [broken, setBroken] = useState("");
  return (
    <div class="shown">
      {source && broken !== source ? (
        <img src={source} alt="" decoding="async" draggable={false} onError={() => setBroken(source)} />
      ) : (
        <span class="blank" aria-hidden="true">{task.status === "failed" ? "failed" : task.status === "succeeded" ? words(task.task_type) : task.status}</span>
      )}
      {made?.kind === "video" && <span class="length numbers" aria-hidden="true">{"\u25b6"} {made.duration_s ? `${made.duration_s.toFixed(1)} s` : ""}</span>}
      {task.favourite && <Stars />}
    </div>
  );
}
