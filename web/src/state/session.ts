// Who asks. Where nobody has to say, nothing here is seen.
import { signal } from "@preact/signals";
import { ApiError, ask, send } from "./net";
import { problem } from "./notices";
import type { Session } from "../wire";

export const session = signal<Session | null>(null);
/** Whether the page asks who somebody is, and why it asks again. */
export const asking = signal<{ why: string } | null>(null);
export const known = signal(false);

/** What the service knows of who asks; null while it does not answer. */
export async function readSession(): Promise<Session | null> {
  try {
    return await ask<Session>("api/v1/session");
  } catch {
    return null; // the connection says so
  }
}

export async function signIn(token: string, begin: () => void): Promise<void> {
  try {
    session.value = await send<Session>("POST", "api/v1/session", undefined, { Authorization: `Bearer ${token}` });
    asking.value = null;
    begin();
  } catch (error) {
    const why = error instanceof ApiError ? error.message : "The service does not answer; try again, or what was pasted is no token.";
    asking.value = { why };
  }
}

export async function signOut(leave: (why: string) => void): Promise<void> {
  try {
    await send("DELETE", "api/v1/session");
    leave("");
  } catch {
    problem("The service does not answer; you are still signed in.");
  }
}
