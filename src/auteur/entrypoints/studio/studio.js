// The page is a client like any other: one socket, a bookmark, and a fold of the messages it hears. It is greeted with
// the open tasks and the newest ended ones; what is older is fetched when somebody wants to see it.
"use strict";

const byId = (id) => document.getElementById(id);
const tasks = new Map(); // task_id -> {task, card}
let socket = null;
let position = null; // the bookmark; survives every reconnect
let older = null; // the cursor to the tasks that are not here
let counts = { open: 0, all: 0 };
let project = new URLSearchParams(location.search).get("project") || "default";
let delay = 250;
let engines = {}; // task type -> its engines, the preferred one first
let qualities = []; // in rising order
let asking = 0; // the timer that asks for engines

function connect() {
  const address = new URL(`ws/${encodeURIComponent(project)}`, document.baseURI);
  address.protocol = address.protocol.replace("http", "ws");
  if (position) address.searchParams.set("after", position);
  const mine = new WebSocket(address);
  socket = mine;
  mine.onopen = () => { delay = 250; };
  mine.onmessage = (frame) => { if (mine === socket) hear(JSON.parse(frame.data)); };
  mine.onclose = (event) => {
    if (mine !== socket) return;
    if (event.code === 4410) return gone();
    if (event.code === 4401) return askWho("You were signed out: what you came with was revoked or has expired.");
    if (event.code >= 4400 && event.code < 4500) return link("away", "the service refused this project");
    link("away", "reconnecting");
    setTimeout(() => { if (mine === socket) comeBack(); }, delay);
    delay = Math.min(delay * 2, 5000);
  };
}

// A browser does not say why a socket was not opened: the session knows whether it was for lack of one, and the project
// whether it may be seen.
async function comeBack() {
  const mine = socket;
  const session = await readSession();
  if (mine !== socket) return;
  if (session && !session.principal) return askWho("You were signed out.");
  const hidden = session && session.access === "token" ? await whyHidden() : null;
  if (mine !== socket) return;
  if (hidden) return link("away", hidden);
  connect();
}

async function whyHidden() {
  try {
    const answer = await fetch(`api/v1/projects/${encodeURIComponent(project)}`);
    return [403, 404].includes(answer.status) ? (await answer.json()).error.message : null;
  } catch {
    return null;
  }
}

function hear(message) {
  if (message.position) position = message.position;
  const known = message.task_id && tasks.get(message.task_id);
  switch (message.type) {
    case "connected":
      link("live", "live");
      if (!qualities.length) askForQualities();
      if (message.state) {
        clear();
        const known = message.state.counts;
        counts.open = known.blocked + known.queued + known.running;
        counts.all = counts.open + known.succeeded + known.failed + known.cancelled;
        for (const task of message.state.tasks) show(task);
        more(message.state.next);
      }
      break;
    case "task_started":
      problem(null);
      count(1, 1);
      show({ ...message, queued_at: message.timestamp, status: message.waits_for ? "blocked" : "queued", progress: 0 });
      break;
    case "progress":
      if (!known) break;
      show({
        ...known.task, status: message.stage === "queued" ? "queued" : "running", progress: message.progress,
        message: message.message || known.task.message, eta_s: message.eta_s,
        preview_url: message.preview_url || known.task.preview_url,
      });
      break;
    case "complete":
      count(-1, 0);
      if (known) {
        known.fresh = true;
        show({ ...known.task, status: "succeeded", progress: 1, result: message.result, duration: message.duration });
      }
      break;
    case "task_marked":
      if (message.circled) {
        for (const { task } of tasks.values()) if (task.circled && task.shot === message.shot) show({ ...task, circled: false });
      }
      if (known) {
        const { favourite = known.task.favourite, circled = known.task.circled } = message;
        show({ ...known.task, favourite, circled });
      }
      break;
    case "task_promoted":
      if (known) show({ ...known.task, promoted_to: [...(known.task.promoted_to || []), message.promoted_to] });
      break;
    case "task_deleted":
      count(0, -1);
      if (known) {
        known.card.remove();
        tasks.delete(message.task_id);
        byId("empty").hidden = tasks.size > 0;
      }
      break;
    case "task_imported":
      count(0, 1);
      show(message.task);
      break;
    case "project_deleted":
      gone();
      break;
    case "error":
      if (message.task_id) {
        count(-1, 0);
        const status = message.error_code === "TASK_CANCELLED" ? "cancelled" : "failed";
        if (known) show({ ...known.task, status, error: { code: message.error_code, message: message.message } });
      } else {
        problem(message.message);
      }
  }
}

function say(type, content) {
  if (!socket || socket.readyState !== WebSocket.OPEN) return problem("Not connected; what you asked for was not sent.");
  const id = window.isSecureContext ? { id: crypto.randomUUID() } : {}; // the service draws one if the browser cannot
  socket.send(JSON.stringify({ ...id, type, ...content }));
}

function show(task) {
  let entry = tasks.get(task.task_id);
  const isNew = !entry;
  if (isNew) {
    const card = byId("task").content.firstElementChild.cloneNode(true);
    card.dataset.task = task.task_id;
    const at = Date.parse(task.queued_at);
    const next = [...byId("tasks").children].find((other) => tasks.get(other.dataset.task).at <= at);
    byId("tasks").insertBefore(card, next || null); // newest first
    entry = { card, at, shown: "" };
    tasks.set(task.task_id, entry);
    byId("empty").hidden = true;
  }
  entry.task = task;
  const { card } = entry;
  const find = (name) => card.querySelector(name);
  card.className = `task ${task.status}`;
  find(".shot").textContent = shotOf(task);
  find(".prompt").textContent = task.params.prompt || task.params.caption || task.task_type.replaceAll("_", " ");
  find(".state").textContent = stateOf(task);
  const bar = find("progress");
  bar.value = task.progress;
  bar.hidden = !isOpen(task);
  picture(entry, find("figure"));
  const shown = [task.status, task.favourite, task.circled, task.promoted_to].join();
  note(entry);
  if (isNew) { // the cards of its kin can now say what it is
    for (const id of [task.promoted_from, ...(task.promoted_to || [])]) if (tasks.has(id)) note(tasks.get(id));
  }
  if (entry.shown !== shown) {
    entry.shown = shown;
    find(".actions").replaceChildren(...actionsOf(task));
  }
}

function note({ card, task }) {
  card.querySelector(".notes").textContent = [notesOf(task), kinOf(task)].filter(Boolean).join(" \u00b7 ");
}

function isOpen(task) {
  return task.status === "blocked" || task.status === "queued" || task.status === "running";
}

function stateOf(task) {
  const kind = `${task.task_type.replaceAll("_", " ")}, ${task.quality}`;
  switch (task.status) {
    case "blocked": {
      const others = task.waits_for.length;
      return `${kind} \u00b7 waits for ${others === 1 ? "another task" : `${others} other tasks`}`;
    }
    case "queued": return `${kind} \u00b7 waits${task.queue_position ? `, place ${task.queue_position}` : ""}`;
    case "running": {
      const left = task.eta_s ? ` \u00b7 about ${Math.max(1, Math.round(task.eta_s))} s left` : "";
      return `${kind} \u00b7 ${Math.round(task.progress * 100)} % \u00b7 ${task.message || "working"}${left}`;
    }
    case "succeeded": {
      const first = mainOf(task);
      const by = Object.values(engines).some((ways) => ways.length > 1) ? `, by ${task.result.engine}` : "";
      return `${kind} \u00b7 ${first.width_px} \u00d7 ${first.height_px}, seed ${task.result.seed}${by}`;
    }
    case "cancelled": return `${kind} \u00b7 cancelled`;
    default: return `${kind} \u00b7 ${task.error ? task.error.message : "failed"}`;
  }
}

function mainOf(task) {
  const made = task.result ? task.result.artifacts : [];
  return made.find((artifact) => artifact.kind !== "control") || made[0];
}

function shotOf(task) {
  const take = task.shot ? `${task.shot} \u00b7 take ${task.take}${task.circled ? " \u00b7 circled" : ""}` : "";
  return `${task.favourite ? "\u2605 " : ""}${take}`;
}

function notesOf(task) {
  const routing = task.result && task.result.routing;
  const why = routing && ["next", "fallback"].includes(routing.reason) ? routing.message : task.notice || "";
  const read = task.result && task.result.understood;
  if (!read || !read.size) return why;
  const words = [read.size, read.angle, `${read.lens_mm} mm`, read.time_of_day, read.weather, read.place, ...read.props];
  const people = read.people ? `, people: ${read.people}` : "";
  return `understood: ${words.join(", ").replaceAll("_", " ")}${people}${why && ` \u00b7 ${why}`}`;
}

// What it was made of and what was made of it, as far as that is on the page.
function kinOf(task) {
  const told = (id) => {
    const kin = tasks.get(id);
    return kin ? `${kin.task.quality}${kin.task.take ? `, take ${kin.task.take}` : ""}` : "another";
  };
  const from = task.promoted_from ? [`promoted from ${told(task.promoted_from)}`] : [];
  const to = task.promoted_to && task.promoted_to.length ? [`promoted to ${task.promoted_to.map(told).join("; ")}`] : [];
  return [...from, ...to].join(" \u00b7 ");
}

function picture(entry, figure) {
  const { task } = entry;
  const made = mainOf(task);
  const source = made ? made.url : task.preview_url;
  if (!source || entry.source === source) return;
  entry.source = source;
  if (made && made.kind === "video") {
    const video = document.createElement("video");
    Object.assign(video, { src: source, controls: true, loop: true, muted: true, playsInline: true });
    Object.assign(video, entry.fresh ? { autoplay: true } : { preload: "none", poster: `${source}?width=1024` });
    figure.replaceChildren(video);
  } else {
    const image = new Image();
    image.alt = task.params.prompt || "";
    image.onload = () => { if (entry.source === source) figure.replaceChildren(image); };
    image.src = made ? `${source}?width=1024` : source;
  }
}

function actionsOf(task) {
  if (isOpen(task)) {
    return [button("Cancel", () => say("cancel", { task_id: task.task_id }))];
  }
  const remove = button("Delete", () => {
    if (confirm("Delete this take with its files, for good?")) say("delete_task", { task_id: task.task_id });
  });
  const like = mark(task, "favourite", "Favourite");
  if (task.status !== "succeeded") return [like, remove];
  const first = mainOf(task);
  const open = fileLink(first, first.name);
  const marks = task.shot ? [like, mark(task, "circled", "Circle"), remove] : [like, remove];
  if (first.kind !== "image") return [open, ...promotion(task), ...marks];
  const moves = ["push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down", "drift", "hold"];
  const move = choice("Camera move", moves);
  const start = () => say("start_generation", {
    task_type: "image_to_video", quality: task.quality, ...(task.shot ? { shot: task.shot } : {}),
    params: takenBy(engineFor("image_to_video", ""), { source_image: first.url, move: move.value, prompt: task.params.prompt }),
  });
  const controls = task.result.artifacts.filter((artifact) => artifact.kind === "control" && artifact !== first);
  const passes = controls.map((artifact) => fileLink(artifact, artifact.name.replace("control-", ""), "pass"));
  return [open, ...passes, move, button("Move the camera", start), ...promotion(task), ...marks];
}

// The take again, of the same seed: at another quality, by another engine where there are several.
function promotion(task) {
  const quality = choice("Quality to promote to", qualities);
  quality.value = qualities[Math.min(qualities.indexOf(task.quality) + 1, qualities.length - 1)] || "";
  const engine = choice("Engine to promote to", (engines[task.task_type] || []).map((way) => way.engine));
  engine.value = task.result.engine;
  engine.hidden = engine.options.length < 2;
  const start = () => say("promote", {
    task_id: task.task_id, quality: quality.value, ...(engine.value && !engine.hidden ? { engine: engine.value } : {}),
  });
  return [quality, engine, button("Promote", start)];
}

function choice(label, names) {
  const made = document.createElement("select");
  made.setAttribute("aria-label", label);
  made.append(...names.map((name) => new Option(name.replaceAll("_", " "), name)));
  return made;
}

function fileLink(artifact, text, className = "") {
  const made = document.createElement("a");
  Object.assign(made, { href: artifact.url, textContent: text, target: "_blank", className });
  return made;
}

function mark(task, name, text) {
  const made = button(text, () => say("mark", { task_id: task.task_id, [name]: !task[name] }));
  made.setAttribute("aria-pressed", String(Boolean(task[name])));
  return made;
}

function button(text, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", action);
  return made;
}

function clear() {
  tasks.clear();
  byId("tasks").replaceChildren();
  byId("empty").hidden = false;
  counts = { open: 0, all: 0 };
  more(null);
  count(0, 0);
}

function gone() {
  clear();
  link("away", "this project was deleted");
}

function count(open, all) {
  counts.open += open;
  counts.all += all;
  byId("counts").textContent = counts.all ? `${counts.all} task${counts.all === 1 ? "" : "s"}, ${counts.open} open` : "";
}

function more(cursor) {
  older = cursor;
  byId("older").hidden = cursor === null;
  count(0, 0);
}

async function fetchOlder() {
  const of = project;
  const address = `api/v1/projects/${encodeURIComponent(of)}/tasks?limit=50&cursor=${encodeURIComponent(older)}`;
  byId("older").disabled = true;
  try {
    const answer = await fetch(address);
    const page = await answer.json();
    if (of !== project) return;
    if (!answer.ok) return problem(page.error.message);
    for (const task of page.tasks) if (!tasks.has(task.task_id)) show(task); // what is here is newer than the page
    more(page.next);
  } catch {
    problem("The older tasks could not be fetched.");
  } finally {
    byId("older").disabled = false;
  }
}

// The engine that will make it: the one that is wished, or the first that is up.
function engineFor(type, wished) {
  const ways = engines[type] || [];
  return ways.find((way) => way.engine === wished) || ways.find((way) => way.up) || ways[0];
}

// The parameters that the engine knows: others would be refused.
function takenBy(way, params) {
  const known = way && way.params_schema.properties;
  return known ? Object.fromEntries(Object.entries(params).filter(([name]) => name in known)) : params;
}

async function askForEngines() {
  try {
    const known = await (await fetch("api/v1/task-types")).json();
    const names = () => JSON.stringify(Object.entries(engines).map(([type, ways]) => [type, ways.map((way) => way.engine)]));
    const before = names();
    engines = Object.fromEntries(known.task_types.map((type) => [type.name, type.engines]));
    showEngines();
    if (names() !== before) showAgain();
  } catch {
    // the link says when the service is away
  }
}

async function askForQualities() {
  try {
    const known = await (await fetch("api/v1/quality")).json();
    qualities = Object.keys(known.qualities);
    byId("quality").replaceChildren(...qualities.map((name) => new Option(name, name)));
    byId("quality").value = "draft" in known.qualities ? "draft" : known.default;
    showAgain();
  } catch {
    // asked again when the service is back
  }
}

// Every card, with what can be chosen now.
function showAgain() {
  for (const entry of tasks.values()) {
    entry.shown = "";
    show(entry.task);
  }
}

function showEngines() {
  const ways = engines.text_to_image || [];
  const wished = byId("engine").value;
  byId("engines").hidden = ways.length < 2;
  byId("engine").replaceChildren(
    new Option("first that is up", ""),
    ...ways.map((way) => new Option(way.up ? way.engine : `${way.engine} (down)`, way.engine)),
  );
  byId("engine").value = ways.some((way) => way.engine === wished) ? wished : "";
  const down = new Map(Object.values(engines).flat().filter((way) => !way.up).map((way) => [way.engine, way.reason]));
  byId("down").hidden = down.size === 0;
  byId("down").textContent = [...down].map(([engine, reason]) => `${engine} is down: ${reason}`).join(" \u00b7 ");
  chooseForm();
}

// What the engine does not take is not asked for.
function chooseForm() {
  const way = engineFor("text_to_image", byId("engine").value);
  for (const name of ["aspect", "style"]) byId(name).parentElement.hidden = !(name in takenBy(way, { [name]: 1 }));
}

function link(state, text) {
  byId("link").className = `link ${state}`;
  byId("link").textContent = text;
}

function problem(text) {
  byId("problem").hidden = !text;
  byId("problem").textContent = text || "";
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const wished = byId("engine").value;
  say("start_generation", {
    task_type: "text_to_image", quality: byId("quality").value,
    ...(byId("shot").value.trim() ? { shot: byId("shot").value.trim() } : {}),
    ...(wished ? { engine: wished } : {}),
    params: takenBy(engineFor("text_to_image", wished), {
      prompt: byId("prompt").value.trim(), aspect: byId("aspect").value, style: byId("style").value,
    }),
  });
});
byId("prompt").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    byId("ask").requestSubmit();
  }
});
byId("engine").addEventListener("change", chooseForm);
byId("older").addEventListener("click", fetchOlder);
byId("project").value = project;
byId("project").addEventListener("change", (event) => {
  project = event.target.value.trim() || "default";
  history.replaceState(null, "", `?project=${encodeURIComponent(project)}`);
  position = null;
  clear();
  const old = socket;
  if (!old) return; // signed out
  connect();
  old.close();
});

byId("show-token").addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = byId("token").value.trim();
  byId("token").value = "";
  try {
    const answer = await fetch("api/v1/session", { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    if (!answer.ok) return askWho((await answer.json()).error.message);
    begin(await answer.json());
  } catch {
    askWho("The service does not answer; try again, or what was pasted is no token.");
  }
});
byId("sign-out").addEventListener("click", async () => {
  try {
    await fetch("api/v1/session", { method: "DELETE" });
    askWho("");
  } catch {
    problem("The service does not answer; you are still signed in.");
  }
});

async function readSession() {
  try {
    return await (await fetch("api/v1/session")).json();
  } catch {
    return null; // away: the link says so
  }
}

// Nothing of a project stays on the screen of who is not known.
function askWho(why) {
  const old = socket;
  socket = null;
  position = null;
  if (old) old.close();
  clear();
  clearInterval(asking);
  link("away", "signed out");
  byId("studio").hidden = byId("who").hidden = true;
  byId("sign-in").hidden = false;
  byId("refused").hidden = !why;
  byId("refused").textContent = why;
  byId("token").focus();
}

function begin(session) {
  const named = session && session.access === "token" && session.principal;
  byId("who").hidden = !named;
  byId("name").textContent = named ? session.principal.name : "";
  byId("sign-in").hidden = true;
  byId("studio").hidden = false;
  askForEngines();
  clearInterval(asking);
  asking = setInterval(askForEngines, 15_000);
  askForQualities();
  connect();
}

readSession().then((session) => (session && !session.principal ? askWho("") : begin(session)));
