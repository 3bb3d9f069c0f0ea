// The page is a client like any other: the client's socket brings every event once and in order, over every cut of the
// line; here they are taken in together, before the next picture is drawn.
import { batch, signal } from "@preact/signals";
import { Auteur, type AuteurError, type ProjectSocket, type SocketStatus } from "@auteur/client";
import { address } from "./net";
import { problem } from "./notices";
import { noted } from "./inspector";
import { hear, replace } from "./store";
import type { Heard, ProjectState } from "../wire";

export type LinkState = "connecting" | "live" | "away" | "ended";
export const link = signal<{ state: LinkState; text: string; since: number }>({ state: "connecting", text: "connecting", since: Date.now() });

const LONGEST_DELAY_MS = 5_000;
const HIDDEN_MS = 100;

const auteur = new Auteur({ url: address("") });
let socket: ProjectSocket | null = null;
let heard: Heard[] = [];
let planned = false;

function say(state: LinkState, text: string): void {
  if (link.value.state === state && link.value.text === text) return;
  link.value = { state, text, since: link.value.state === state ? link.value.since : Date.now() };
}

/** Follows a project from its beginning. `signedOut`: what to do when who asks is no longer known. */
export function follow(project: string, signedOut: (why: string) => void): void {
  const old = socket;
  socket = null;
  heard = [];
  old?.close();
  say("connecting", "connecting");
  const mine = auteur.open(project, {
    backoff: { capMs: LONGEST_DELAY_MS },
    onFrame: noted,
    onMessage: (message) => {
      if (mine !== socket) return;
      heard.push(message as unknown as Heard);
      plan();
    },
  });
  socket = mine;
  mine.on("status", (status) => {
    if (mine === socket) told(status);
  });
  mine.on("closed", (error) => {
    if (mine !== socket) return;
    flush();
    ends(error, signedOut);
  });
}

export function unfollow(): void {
  const old = socket;
  socket = null;
  heard = [];
  old?.close();
  say("ended", "signed out");
}

function told({ status, error }: SocketStatus): void {
  if (status === "connecting") {
    if (link.value.state !== "away") say("connecting", "connecting");
  } else if (status === "live") plan(); // said once its greeting is taken in: before, what is shown may be old
  else if (status === "waiting") {
    flush();
    noted("note", JSON.stringify({ type: "waiting", code: error?.code, message: error?.message }));
    say("away", "reconnecting");
  }
}

function ends(error: AuteurError | undefined, signedOut: (why: string) => void): void {
  if (error?.code === "UNAUTHENTICATED") {
    return signedOut("You were signed out: what you came with was revoked or has expired.");
  }
  replace(null);
  const gone = !error || ["PROJECT_DELETED", "DELETED"].includes(error.code);
  say("ended", gone ? "this project was deleted" : error.message);
}

function plan(): void {
  if (planned) return;
  planned = true;
  if (document.hidden) setTimeout(flush, HIDDEN_MS);
  else requestAnimationFrame(flush);
}

function flush(): void {
  planned = false;
  const all = heard;
  heard = [];
  batch(() => {
    all.forEach(fold);
    if (socket?.status.status === "live") say("live", "live");
  });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden && planned) flush(); // no frame comes while nobody looks
});

function fold(message: Heard): void {
  if (message.type === "connected") {
    if (message["state"]) replace(message["state"] as ProjectState);
  } else if (message.type === "error" && !message.task_id) problem(String(message["message"]));
  else hear(message);
}
