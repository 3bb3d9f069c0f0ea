// The form and the viewer on a page of their own, against the service that serves them: what tests of a browser drive.
import "../src/css/theme.css";
import "../src/css/parts.css";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ComposeForm } from "../src/form/ComposeForm";
import { Viewer } from "../src/viewer/Viewer";
import { ask, inProject, send } from "../src/state/net";
import type { ComposeSeed } from "../src/contract";
import type { GenerationRequest, Page, Task, TaskType } from "../src/wire";

const asked = new URLSearchParams(location.search);
const project = asked.get("project") ?? "film";
const told = window as unknown as { asked: unknown[]; actions: unknown[]; seed: (seed: ComposeSeed) => void; again: () => Promise<void> };
told.asked = [];
told.actions = [];

function Harness({ types, qualities, standard }: { types: TaskType[]; qualities: string[]; standard: string }) {
  const [tasks, setTasks] = useState<Task[]>([]);
  const [index, setIndex] = useState<number | null>(null);
  const [seed, setSeed] = useState<ComposeSeed | undefined>();
  const read = async () => setTasks((await ask<Page>(inProject(project, "/tasks?limit=100"))).tasks);
  useEffect(() => {
    told.seed = setSeed;
    told.again = read;
    void read();
  }, []);
  const submit = async (request: GenerationRequest) => {
    told.asked.push(request);
    await send("POST", inProject(project, "/tasks"), request);
    await read();
  };
  return (
    <main class="harness">
      <h1 class="unseen">The form and the viewer</h1>
      <section aria-label="Form">
        <ComposeForm
          types={types} qualities={qualities} defaultQuality={standard} project={project} seed={seed} onSubmit={submit}
          onSubmitAll={async (requests) => {
            told.asked.push(requests);
            await send("POST", inProject(project, "/batches"), { requests });
          }}
          pick={() => Promise.resolve(tasks.find((task) => task.result?.artifacts[0]?.kind === "image") ?? null)}
        />
      </section>
      <section aria-label="Board">
        <ul>
          {tasks.map((task, at) => (
            <li key={task.task_id}>
              <button type="button" class="button" style={{ whiteSpace: "normal" }} data-task={task.task_id} onClick={() => setIndex(at)}>{String(task.params["prompt"] ?? task.task_type)} · {task.status}</button>
            </li>
          ))}
        </ul>
      </section>
      {index !== null && (
        <Viewer
          takes={tasks} index={index} types={types} onClose={() => setIndex(null)}
          onAction={(action, take) => told.actions.push([action, take.task_id])} onCorrect={(_, request) => submit(request)}
        />
      )}
    </main>
  );
}

async function begin(): Promise<void> {
  const { task_types: types } = await ask<{ task_types: TaskType[] }>("api/v1/task-types");
  const { qualities, default: standard } = await ask<{ qualities: Record<string, unknown>; default: string }>("api/v1/quality");
  const root = document.getElementById("page");
  if (root) render(<Harness types={types} qualities={Object.keys(qualities)} standard={standard} />, root);
}

void begin();
