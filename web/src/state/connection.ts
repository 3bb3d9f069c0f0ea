// The page is a client like any other: one socket, a bookmark, and a fold of the messages it hears.
import { batch, signal } from "@preact/signals";
import { address, ApiError, ask, inProject } from "./net";
import { problem } from "./notices";
import { noted } from "./inspector";
import { readSession, session } from "./session";
import { hear, replace } from "./store";
import type { Heard, ProjectState } from "../wire";

export type LinkState = "connecting" | "live" | "away" | "ended";
export const link = signal<{ state: LinkState; text: string; since: number }>({ state: "connecting", text: "connecting", since: Date.now() });

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;
const PING_MS = 25_000;
const SILENCE_MS = 60_000;

let socket: WebSocket | null = null;
let position: string | null = null; // the bookmark; survives every reconnect
let delay = FIRST_DELAY_MS;
let current = "";
let heardAt = 0;
let waiting: ReturnType<typeof setTimeout> | undefined;
let leave: (why: string) => void = () => undefined;

function say(state: LinkState, text: string): void {
  if (link.value.state === state && link.value.text === text) return;
  link.value = { state, text, since: link.value.state === state ? link.value.since : Date.now() };
}

/** Follows a project from its beginning. `signedOut`: what to do when who asks is no longer known. */
export function follow(project: string, signedOut: (why: string) => void): void {
  leave = signedOut;
  current = project;
  position = null;
  delay = FIRST_DELAY_MS;
  say("connecting", "connecting");
  connect();
}

export function unfollow(): void {
  const old = socket;
  socket = null;
  position = null;
  clearTimeout(waiting);
  old?.close();
  say("ended", "signed out");
}

function connect(): void {
  clearTimeout(waiting);
  const to = address(`ws/${encodeURIComponent(current)}`);
  to.protocol = to.protocol.replace("http", "ws");
  if (position) to.searchParams.set("after", position);
  const mine = new WebSocket(to);
  const old = socket;
  socket = mine;
  old?.close();
  mine.onopen = () => {
    heardAt = performance.now();
  };
  mine.onmessage = (frame: MessageEvent<string>) => {
    if (mine !== socket) return;
    heardAt = performance.now();
    noted("in", frame.data);
    take(JSON.parse(frame.data) as Heard);
  };
  mine.onclose = (event) => {
    if (mine !== socket) return;
    flush();
    noted("note", JSON.stringify({ type: "closed", code: event.code, reason: event.reason }));
    if (event.code === 4410) return gone();
    if (event.code === 4401) return leave("You were signed out: what you came with was revoked or has expired.");
    if (event.code >= 4400 && event.code < 4500) return say("ended", "the service refused this project");
    say("away", "reconnecting");
    waiting = setTimeout(() => void comeBack(mine), delay * (0.5 + Math.random() / 2));
    delay = Math.min(delay * 2, LONGEST_DELAY_MS);
  };
}

// A browser does not say why a socket was not opened: the session knows whether it was for lack of one, and the project
// whether it may be seen.
async function comeBack(mine: WebSocket): Promise<void> {
  if (mine !== socket) return;
  const found = await readSession();
  if (mine !== socket) return;
  if (found) session.value = found;
  if (found && !found.principal) return leave("You were signed out.");
  const hidden = found?.access === "token" ? await whyHidden() : null;
  if (mine !== socket) return;
  if (hidden) return say("ended", hidden);
  connect();
}

async function whyHidden(): Promise<string | null> {
  try {
    await ask(inProject(current));
    return null;
  } catch (error) {
    return error instanceof ApiError && [403, 404].includes(error.status) ? error.message : null;
  }
}

function gone(): void {
  socket = null;
  position = null;
  replace(null);
  say("ended", "this project was deleted");
}

// Messages are taken in together, before the next picture is drawn: fifty a second cost what a few do.
let heard: Heard[] = [];
let planned = false;

function take(message: Heard): void {
  heard.push(message);
  if (planned) return;
  planned = true;
  if (document.hidden) setTimeout(flush, 100);
  else requestAnimationFrame(flush);
}

function flush(): void {
  planned = false;
  const all = heard;
  heard = [];
  batch(() => all.forEach(fold));
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden && planned) flush(); // no frame comes while nobody looks
});

function fold(message: Heard): void {
  if (message.position) position = message.position;
  if (message.type === "connected") {
    delay = FIRST_DELAY_MS;
    if (message["state"]) replace(message["state"] as ProjectState);
    say("live", "live");
  } else if (message.type === "project_deleted") gone();
  else if (message.type === "error" && !message.task_id) problem(String(message["message"]));
  else hear(message);
}

// A line that is dead says nothing: something is asked for, and has to be answered.
setInterval(() => {
  if (!socket || socket.readyState !== WebSocket.OPEN) return;
  if (performance.now() - heardAt > SILENCE_MS) socket.close(4000, "nothing was heard");
  else if (performance.now() - heardAt > PING_MS) {
    const ping = JSON.stringify({ type: "ping" });
    noted("out", ping);
    socket.send(ping);
  }
}, PING_MS / 2);

addEventListener("online", () => {
  const mine = socket;
  if (mine && mine.readyState > WebSocket.OPEN) void comeBack(mine);
});
