// The take again at another quality or by another engine; and a camera over it.
import { useSignal } from "@preact/signals";
import { Dialog } from "../ui/Dialog";
import { Button } from "../ui/Button";
import { attempt, described, promote, shown, submit } from "../state/actions";
import { choicesOf, enginesOf, engineFor, qualities, takenBy } from "../state/catalogue";
import { mainOf, words } from "../state/tasks";
import type { Task } from "../wire";

const close = () => (shown.value = null);

export function Promote({ task }: { task: Task }) {
  const known = qualities.value;
  const quality = useSignal(known[Math.min(known.indexOf(task.quality) + 1, known.length - 1)] ?? "");
  const ways = enginesOf(task.task_type);
  const engine = useSignal(task.result?.engine ?? "");
  const start = async (event: Event) => {
    event.preventDefault();
    if (await promote(task, quality.value, ways.length > 1 ? engine.value : "")) close();
  };
  return (
    <Dialog label="Promote" onClose={close}>
      <form class="dialog-form" onSubmit={start}>
        <h2>Promote</h2>
        <p class="dim">{described(task)}. The same words, seed and shape, made again.</p>
        <label class="field">
          <span>Quality to promote to</span>
          <select value={quality.value} onChange={(event) => (quality.value = event.currentTarget.value)}>
            {known.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
        {ways.length > 1 && (
          <label class="field">
            <span>Engine to promote to</span>
            <select value={engine.value} onChange={(event) => (engine.value = event.currentTarget.value)}>
              {ways.map((way) => <option key={way.engine} value={way.engine}>{way.up ? way.engine : `${way.engine} (down)`}</option>)}
            </select>
          </label>
        )}
        <div class="ends">
          <Button onClick={close}>Leave it</Button>
          <Button type="submit" kind="primary">Promote</Button>
        </div>
      </form>
    </Dialog>
  );
}

export function Camera({ task }: { task: Task }) {
  const way = engineFor("image_to_video");
  const moves = choicesOf(way, "move");
  const move = useSignal(moves[0] ?? "");
  const quality = useSignal(task.quality);
  const made = mainOf(task);
  const start = async (event: Event) => {
    event.preventDefault();
    const params = takenBy(way, { source_image: made?.url, ...(move.value ? { move: move.value } : {}), prompt: task.params["prompt"] });
    const request = { task_type: "image_to_video", quality: quality.value, params, ...(task.shot ? { shot: task.shot } : {}) };
    if (await attempt("The camera was not moved.", () => submit(request))) close();
  };
  return (
    <Dialog label="Move a camera over it" onClose={close}>
      <form class="dialog-form" onSubmit={start}>
        <h2>Move a camera over it</h2>
        {made && <img class="preview" src={`${made.url}?width=512`} alt={described(task)} />}
        <label class="field">
          <span>Camera move</span>
          <select value={move.value} onChange={(event) => (move.value = event.currentTarget.value)}>
            {moves.map((name) => <option key={name} value={name}>{words(name)}</option>)}
          </select>
        </label>
        <label class="field">
          <span>Quality</span>
          <select value={quality.value} onChange={(event) => (quality.value = event.currentTarget.value)}>
            {qualities.value.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
        <div class="ends">
          <Button onClick={close}>Leave it</Button>
          <Button type="submit" kind="primary">Move the camera</Button>
        </div>
      </form>
    </Dialog>
  );
}
