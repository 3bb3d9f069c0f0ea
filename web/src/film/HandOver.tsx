// What is handed over of the film: each kind with how far it is, its files, and whether the film has changed since.
import { useSignal } from "@preact/signals";
import { counted } from "./words";
import { Button } from "../ui/Button";
import { choicesOf, engineFor } from "../state/catalogue";
import { cancel } from "../state/actions";
import { film } from "../state/film";
import { EXPORTS, handed, handOver, isOld, type Export } from "../state/handover";
import { taskSignal } from "../state/store";
import { isOpen, stateOf } from "../state/tasks";
import type { Artifact, Params, Task } from "../wire";

const FEW = 4;

export function HandOver() {
  const page = useSignal("6");
  const plans = useSignal(false);
  const report = useSignal(false);
  const model = useSignal("");
  const models = choicesOf(engineFor("film_keyframes"), "model");
  const params: Record<string, Params> = {
    film_board: { per_page: Number(page.value), plans: plans.value, camera_report: report.value },
    ...(model.value ? { film_keyframes: { model: model.value } } : {}),
  };
  return (
    <section class="hand-over" aria-labelledby="hand-over-title">
      <div class="composer-head">
        <h2 id="hand-over-title">Hand over</h2>
        <Button disabled={!film.value?.shots.length} onClick={() => void handOver(EXPORTS.map((one) => one.type), params)}>Make all</Button>
      </div>
      <ul>{EXPORTS.map((one) => <Row key={one.type} of={one} task={taskOf(one.type)} onMake={() => void handOver([one.type], params)} />)}</ul>
      <details>
        <summary>How</summary>
        <div class="hand-over-how">
          <label class="field"><span>Shots on a page of the board</span>
            <select value={page.value} onChange={(event) => (page.value = event.currentTarget.value)}>{[1, 2, 3, 4, 6, 8, 9].map((one) => <option key={one} value={String(one)}>{one}</option>)}</select>
          </label>
          <label class="check"><input type="checkbox" checked={plans.value} onChange={(event) => (plans.value = event.currentTarget.checked)} /> floor plans on the board</label>
          <label class="check"><input type="checkbox" checked={report.value} onChange={(event) => (report.value = event.currentTarget.checked)} /> camera report after it</label>
          {models.length > 0 && (
            <label class="field"><span>Keyframe packs for</span>
              <select value={model.value} onChange={(event) => (model.value = event.currentTarget.value)}>
                <option value="">any video model</option>
                {models.map((one) => <option key={one} value={one}>{one}</option>)}
              </select>
            </label>
          )}
        </div>
      </details>
    </section>
  );
}

function taskOf(type: string): Task | undefined {
  const id = handed.value.get(type);
  return id ? taskSignal(id)?.value : undefined;
}

function Row({ of: { type, name, about }, task, onMake }: { of: Export; task: Task | undefined; onMake: () => void }) {
  const open = task !== undefined && isOpen(task);
  const files = task?.result?.artifacts ?? [];
  const warnings = (task?.result?.understood as { warnings?: unknown } | undefined)?.warnings;
  const all = () => {
    for (const file of files) {
      const link = document.createElement("a");
      link.href = file.url;
      link.download = file.name;
      link.click();
    }
  };
  return (
    <li data-export={type}>
      <p><b>{name}</b> <span class="dim">{about}</span></p>
      {open ? (
        <Button kind="quiet" label={`Cancel ${name}`} title="Cancel" disabled={task.cancel_requested ?? false} onClick={() => void cancel(task)}>Cancel</Button>
      ) : (
        <Button kind="quiet" label={`${task ? "Make again:" : "Make:"} ${name}`} title={task ? "Make again" : "Make"} onClick={onMake}>{task ? "Again" : "Make"}</Button>
      )}
      {task && task.status !== "succeeded" && <p class={`state numbers ${task.status === "failed" ? "bad" : "dim"}`}>{stateOf(task)}{open && <progress max={1} value={task.progress} aria-label={`Progress of ${name}`} />}</p>}
      {files.length > 0 && files.length <= FEW && <p class="handed">{files.map((file) => <File key={file.url} file={file} />)}</p>}
      {files.length > FEW && (
        <details class="handed">
          <summary>{counted(files.length, "file")}</summary>
          <Button kind="quiet" onClick={all}>Download all</Button>
          <div class="handed-files">{files.map((file) => <File key={file.url} file={file} />)}</div>
        </details>
      )}
      {task && !open && isOld(task) && <p class="old">the film has changed since</p>}
      {Array.isArray(warnings) && warnings.length > 0 && <ul class="film-warnings">{warnings.slice(0, FEW).map((one) => <li key={String(one)}>{"\u26a0"} {String(one)}</li>)}</ul>}
    </li>
  );
}

function File({ file }: { file: Artifact }) {
  return <a href={file.url} download={file.name} title={`${Math.max(1, Math.round(file.size_bytes / 1e3)).toLocaleString("en")} kB`}>{file.name}</a>;
}
