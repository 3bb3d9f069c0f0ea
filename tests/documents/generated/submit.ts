// A task, asked for through the types that are made of the document: what the document does not allow does not compile.
import type { components, operations, paths } from "./http.js";

type Body = components["schemas"]["GenerationRequest"];
type Accepted = operations["submit_task"]["responses"][202]["content"]["application/json"];
type Refused = operations["submit_task"]["responses"][422]["content"]["application/json"];
type Path = keyof paths;

const route = "/api/v1/projects/{project_id}/tasks" satisfies Path;
const [service, project] = process.argv.slice(2) as [string, string];
const address = service + route.replace("{project_id}", project);

async function submit(body: Body): Promise<Response> {
  return fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

const answer = await submit({
  task_type: "text_to_image",
  params: { prompt: "a field", width_px: 64, height_px: 64, steps: 1 },
  quality: "draft",
  metadata: { node: 7 },
});
if (answer.status !== 202) throw new Error(await answer.text());
let task: Accepted = await answer.json();

while (task.status === "queued" || task.status === "running") {
  const reading = await fetch(`${address}/${task.task_id}`);
  task = (await reading.json()) as components["schemas"]["TaskView"];
  await new Promise((resolve) => setTimeout(resolve, 50));
}

const refusal = (await (await submit({ task_type: "text_to_image", params: {} })).json()) as Refused;
const picture: string | undefined = task.result?.artifacts[0]?.media_type;
console.log(JSON.stringify({ task_id: task.task_id, status: task.status, picture, refused: refusal.error.code }));
