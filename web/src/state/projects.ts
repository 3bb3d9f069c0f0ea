// The projects, those active last first.
import { signal } from "@preact/signals";
import { ask } from "./net";
import { problem } from "./notices";
import type { ProjectSummary } from "../wire";

export const projects = signal<readonly ProjectSummary[]>([]);
export const more = signal<string | null>(null);
export const reading = signal(false);

export async function readProjects(cursor: string | null = null): Promise<void> {
  if (reading.value) return;
  reading.value = true;
  try {
    const query = new URLSearchParams({ limit: "60", ...(cursor === null ? {} : { cursor }) });
    const page = await ask<{ projects: ProjectSummary[]; next: string | null }>(`api/v1/projects?${query}`);
    const before = cursor === null ? [] : projects.value;
    projects.value = [...new Map([...before, ...page.projects].map((one) => [one.project_id, one])).values()];
    more.value = page.next;
  } catch (error) {
    problem(`The projects could not be read. ${error instanceof Error ? error.message : ""}`);
  } finally {
    reading.value = false;
  }
}

export function forgetProjects(): void {
  projects.value = [];
  more.value = null;
}
