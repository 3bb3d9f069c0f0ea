// The page is a client like any other: one socket, a bookmark, and a fold of the messages it hears.
"use strict";

const byId = (id) => document.getElementById(id);
const tasks = new Map(); // task_id -> {task, card}
let socket = null;
let position = null; // the bookmark; survives every reconnect
let project = new URLSearchParams(location.search).get("project") || "default";
let delay = 250;

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
    if (event.code >= 4400 && event.code < 4500) return link("away", "the service refused this project");
    link("away", "reconnecting");
    setTimeout(() => { if (mine === socket) connect(); }, delay);
    delay = Math.min(delay * 2, 5000);
  };
}

function hear(message) {
  if (message.position) position = message.position;
  const known = message.task_id && tasks.get(message.task_id);
  switch (message.type) {
    case "connected":
      link("live", "live");
      if (message.state) {
        clear();
        for (const task of message.state.tasks) show(task);
      }
      break;
    case "task_started":
      problem(null);
      show({ ...message, status: "queued", progress: 0 });
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
      if (known) show({ ...known.task, status: "succeeded", progress: 1, result: message.result, duration: message.duration });
      break;
    case "error":
      if (message.task_id) {
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
  if (!entry) {
    const card = byId("task").content.firstElementChild.cloneNode(true);
    card.dataset.task = task.task_id;
    byId("tasks").prepend(card);
    entry = { card, shown: "" };
    tasks.set(task.task_id, entry);
    byId("empty").hidden = true;
  }
  entry.task = task;
  const { card } = entry;
  const find = (name) => card.querySelector(name);
  card.className = `task ${task.status}`;
  find(".prompt").textContent = task.params.prompt || task.params.caption || task.task_type.replaceAll("_", " ");
  find(".state").textContent = stateOf(task);
  const bar = find("progress");
  bar.value = task.progress;
  bar.hidden = task.status !== "running" && task.status !== "queued";
  picture(entry, find("figure"));
  if (entry.shown !== task.status) {
    entry.shown = task.status;
    find(".notes").textContent = notesOf(task);
    find(".actions").replaceChildren(...actionsOf(task));
  }
}

function stateOf(task) {
  const kind = `${task.task_type.replaceAll("_", " ")}, ${task.quality}`;
  switch (task.status) {
    case "queued": return `${kind} \u00b7 waits${task.queue_position ? `, place ${task.queue_position}` : ""}`;
    case "running": {
      const left = task.eta_s ? ` \u00b7 about ${Math.max(1, Math.round(task.eta_s))} s left` : "";
      return `${kind} \u00b7 ${Math.round(task.progress * 100)} % \u00b7 ${task.message || "working"}${left}`;
    }
    case "succeeded": {
      const first = task.result.artifacts[0];
      return `${kind} \u00b7 ${first.width_px} \u00d7 ${first.height_px}, seed ${task.result.seed}`;
    }
    case "cancelled": return `${kind} \u00b7 cancelled`;
    default: return `${kind} \u00b7 ${task.error ? task.error.message : "failed"}`;
  }
}

function notesOf(task) {
  const read = task.result && task.result.understood;
  if (!read || !read.size) return "";
  const words = [read.size, read.angle, `${read.lens_mm} mm`, read.time_of_day, read.weather, read.place, ...read.props];
  return `understood: ${words.join(", ").replaceAll("_", " ")}${read.people ? `, people: ${read.people}` : ""}`;
}

function picture(entry, figure) {
  const { task } = entry;
  const made = task.result && task.result.artifacts[0];
  const source = made ? made.url : task.preview_url;
  if (!source || entry.source === source) return;
  entry.source = source;
  if (made && made.kind === "video") {
    const video = document.createElement("video");
    Object.assign(video, { src: source, controls: true, loop: true, muted: true, autoplay: true, playsInline: true });
    figure.replaceChildren(video);
  } else {
    const image = new Image();
    image.alt = task.params.prompt || "";
    image.onload = () => { if (entry.source === source) figure.replaceChildren(image); };
    image.src = source;
  }
}

function actionsOf(task) {
  if (task.status === "queued" || task.status === "running") {
    return [button("Cancel", () => say("cancel", { task_id: task.task_id }))];
  }
  if (task.status !== "succeeded") return [];
  const first = task.result.artifacts[0];
  const open = document.createElement("a");
  Object.assign(open, { href: first.url, textContent: first.name, target: "_blank" });
  if (first.kind !== "image") return [open];
  const move = document.createElement("select");
  move.setAttribute("aria-label", "Camera move");
  for (const name of ["push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down", "drift", "hold"]) {
    move.append(new Option(name.replaceAll("_", " "), name));
  }
  const start = () => say("start_generation", {
    task_type: "image_to_video", quality: task.quality,
    params: { source_image: first.url, move: move.value, prompt: task.params.prompt },
  });
  return [open, move, button("Move the camera", start)];
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
  say("start_generation", {
    task_type: "text_to_image", quality: byId("quality").value,
    params: { prompt: byId("prompt").value.trim(), aspect: byId("aspect").value, style: byId("style").value },
  });
});
byId("prompt").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    byId("ask").requestSubmit();
  }
});
byId("project").value = project;
byId("project").addEventListener("change", (event) => {
  project = event.target.value.trim() || "default";
  history.replaceState(null, "", `?project=${encodeURIComponent(project)}`);
  position = null;
  clear();
  const old = socket;
  connect();
  old.close();
});

fetch("api/v1/quality").then((answer) => answer.json()).then((known) => {
  for (const name of Object.keys(known.qualities)) byId("quality").append(new Option(name, name));
  byId("quality").value = "draft" in known.qualities ? "draft" : known.default;
});
connect();
