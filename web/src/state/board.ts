// What the board shows: sections, each a list of tasks. By shot, newest first, or what a search finds.
import { computed, signal } from "@preact/signals";
import { ask, inProject } from "./net";
import { problem, recall, remember } from "./notices";
import { Feed, type Query } from "./feed";
import { counts, laidOut, listen, taskNow } from "./store";
import { project } from "./route";
import type { Heard, Shot, Status, Task } from "../wire";

export interface Section {
  key: string;
  title: string;
  shot: Shot | null;
  feed: Feed;
  length: number;
  collapsed: boolean;
}

export interface Filter {
  q: string;
  shot: string;
  task_type: string;
  quality: string;
  status: Status | "";
  engine: string;
  favourite: boolean;
  circled: boolean;
}

export const NO_FILTER: Filter = { q: "", shot: "", task_type: "", quality: "", status: "", engine: "", favourite: false, circled: false };
export const filter = signal<Filter>(NO_FILTER);
export const arrangement = signal<"shots" | "newest">(recall("auteur.arrangement") === "newest" ? "newest" : "shots");
export const collapsed = signal<ReadonlySet<string>>(new Set());
export const searching = computed(() => Object.values(filter.value).some(Boolean));

let shots: Shot[] = [];
let shotsNext: string | null = null;
let shotsState: "none" | "loading" | "some" = "none";
let shotsTouched = false;
let again: ReturnType<typeof setTimeout> | undefined;
const SHOTS_AT_ONCE = 2_000;
const feeds = new Map<string, Feed>();

listen({
  added(task) {
    if (task.shot) shotAdded(task.shot, task.take ?? null);
    for (const feed of feeds.values()) feed.added(task);
  },
  removed(id) {
    const task = taskNow(id);
    const shot = task?.shot ?? [...feeds.values()].find((feed) => feed.query.shot !== undefined && feed.indexOf(id) >= 0)?.query.shot;
    for (const feed of feeds.values()) feed.removed(id);
    if (shot) changeShot(shot, (known) => ({ ...known, takes: known.takes - 1, ...(known.circled_task_id === id ? { circled_task_id: null, circled_take: null } : {}) }));
    else readShotsAgain();
  },
  replaced: begin,
  marked(message: Heard) {
    const shot = message["shot"] as string | undefined;
    const on = message["circled"] as boolean | undefined;
    if (!shot || on === undefined) return;
    const [circled_task_id, circled_take] = on ? [message.task_id ?? null, (message["take"] as number) ?? null] : [null, null];
    changeShot(shot, (known) => (on || known.circled_task_id === message.task_id ? { ...known, circled_task_id, circled_take } : known));
  },
});

/** Begins again with nothing read. */
export function begin(): void {
  for (const feed of feeds.values()) feed.dispose();
  feeds.clear();
  clearTimeout(again);
  shots = [];
  shotsNext = null;
  shotsState = "none";
  laidOut.value += 1;
}

export function arrange(how: "shots" | "newest"): void {
  arrangement.value = how;
  remember("auteur.arrangement", how);
  laidOut.value += 1;
}

export function search(change: Partial<Filter>): void {
  const [before] = [filterKey()];
  filter.value = { ...filter.value, ...change };
  feeds.get(before)?.dispose();
  feeds.delete(before);
  laidOut.value += 1;
}

export function toggle(key: string): void {
  const next = new Set(collapsed.value);
  if (!next.delete(key)) next.add(key);
  collapsed.value = next;
}

function filterKey(): string {
  return `?${JSON.stringify(filter.value)}`;
}

function feedFor(key: string, make: () => Feed): Feed {
  let feed = feeds.get(key);
  if (!feed) feeds.set(key, (feed = make()));
  return feed;
}

/** All sections as they are now; the same array until the layout changes, so that a step of a scroll computes none of it. */
export function sections(): readonly Section[] {
  return laid.value;
}

const laid = computed(sectionsNow);

function sectionsNow(): Section[] {
  void laidOut.value;
  const folded = collapsed.value;
  const section = (key: string, title: string, feed: Feed, shot: Shot | null = null, length = feed.length): Section => ({
    key, title, shot, feed, length, collapsed: folded.has(key),
  });
  const of = project.value;
  if (searching.value) {
    const key = filterKey();
    const feed = feedFor(key, () => new Feed(of, asked(filter.value), kept(filter.value), null));
    return [section(key, "Found", feed)];
  }
  if (arrangement.value === "newest") {
    return [section("newest", "Newest first", feedFor("newest", () => new Feed(of, {}, null, () => counts.value.all)))];
  }
  const found: Section[] = [];
  if (shotsState === "none" && counts.value.all) void readShots();
  const loose = looseCount();
  if (!counts.value.all) return [];
  if (shotsState === "some" && !shots.length) {
    found.push(section("all", "Takes", feedFor("all", () => new Feed(of, {}, null, () => counts.value.all))));
  } else if (shotsNext === null && loose > 0) {
    found.push(section("loose", "Not in a shot yet", feedFor("loose", () => new Feed(of, {}, (task) => !task.shot, looseCount))));
  }
  for (const shot of shots) {
    if (shot.takes < 1) continue;
    const key = `shot ${shot.shot}`;
    const known = feeds.get(key);
    const feed = known ?? LAZY;
    found.push(section(key, shot.shot, feed, shot, known?.begun ? known.length : shot.takes));
  }
  return found;
}

/** Stands where nobody has looked yet. */
const LAZY = new Feed("", {}, null, null);
LAZY.dispose();

let summed = { shots, takes: 0 };

function looseCount(): number {
  if (summed.shots !== shots) summed = { shots, takes: shots.reduce((sum, shot) => sum + shot.takes, 0) };
  return counts.value.all - summed.takes;
}

/** The feed of a section that somebody looks at. */
export function looked(section: Section): Feed {
  if (section.feed !== LAZY || !section.shot) return section.feed;
  const { shot } = section.shot;
  return feedFor(section.key, () => new Feed(project.value, { shot }, null, () => shots.find((known) => known.shot === shot)?.takes ?? 0));
}

/** Sections that nobody looks at keep nothing; a shot its number of takes. */
export function keepOnly(keys: ReadonlySet<string>): void {
  const before = feeds.size;
  for (const [key, feed] of feeds) {
    if (keys.has(key) || !feed.begun) continue; // what was not begun holds nothing
    feed.dispose();
    feeds.delete(key);
  }
  if (feeds.size < before) laidOut.value += 1;
}

/** The board's end is near. */
export function wantShots(): void {
  if (arrangement.value === "shots" && !searching.value && shotsNext !== null) void readShots();
}

/** Shots are read also where the board is not looked at: a film tells of takes that were circled. */
export function wantShotNames(): void {
  if (shotsState === "none") void readShots();
}

/** By shot, its circled take: `id number`. */
export const circledTakes = computed(() => {
  void laidOut.value;
  return new Map(shots.flatMap((shot) => (shot.circled_task_id ? [[shot.shot, `${shot.circled_task_id} ${shot.circled_take ?? ""}`] as const] : [])));
});

export function moreShots(): boolean {
  return shotsNext !== null;
}

export function shotNames(): string[] {
  void laidOut.value;
  return shots.map((shot) => shot.shot);
}

/** What the service is asked for; the rest is looked for here. */
function asked({ q, shot, task_type, quality, status, favourite }: Filter): Query {
  return {
    ...(q.trim() ? { q: q.trim() } : {}),
    ...(shot ? { shot } : {}),
    ...(task_type ? { task_type } : {}),
    ...(quality ? { quality } : {}),
    ...(favourite ? { favourite } : {}),
    ...(status ? { statuses: [status] } : {}),
  };
}

function kept({ engine, circled }: Filter): ((task: Task) => boolean) | null {
  if (!engine && !circled) return null;
  return (task) => (!engine || (task.result?.engine ?? task.engine) === engine) && (!circled || task.circled);
}

async function readPage(of: string, cursor: string | null): Promise<{ shots: Shot[]; next: string | null }> {
  const query = new URLSearchParams({ limit: "200", ...(cursor === null ? {} : { cursor }) });
  return ask(inProject(of, `/shots?${query}`));
}

/** The next shots, and those after them, up to a number that no film has; beyond it, as the board's end comes near. */
async function readShots(): Promise<void> {
  if (shotsState === "loading") return;
  shotsState = "loading";
  shotsTouched = false;
  const [of, upTo] = [project.value, shots.length + SHOTS_AT_ONCE];
  try {
    do {
      const page = await readPage(of, shotsNext);
      if (of !== project.value || (shotsState as string) === "none") return;
      shots = [...new Map([...shots, ...page.shots].map((shot) => [shot.shot, shot])).values()].sort(byName);
      shotsNext = page.next;
    } while (shotsNext !== null && shots.length < upTo);
    if (shotsTouched) readShotsAgain();
  } catch (error) {
    problem(`The shots could not be read. ${error instanceof Error ? error.message : ""}`);
  } finally {
    if (of === project.value && shotsState === "loading") {
      shotsState = "some";
      laidOut.value += 1;
    }
  }
}

/** A take came or went of which the page knew too little: the numbers are read again, as far as they were known. */
function readShotsAgain(): void {
  clearTimeout(again);
  again = setTimeout(async () => {
    const of = project.value;
    const fresh: Shot[] = [];
    let cursor: string | null = null;
    shotsTouched = false;
    try {
      do {
        const page = await readPage(of, cursor);
        fresh.push(...page.shots);
        cursor = page.next;
      } while (cursor !== null && fresh.length < shots.length);
    } catch {
      return; // the connection says so
    }
    if (of !== project.value || shotsState !== "some") return;
    if (shotsTouched) return readShotsAgain();
    [shots, shotsNext] = [fresh, cursor];
    laidOut.value += 1;
  }, 500);
}

function byName(one: Shot, other: Shot): number {
  return one.shot < other.shot ? -1 : one.shot > other.shot ? 1 : 0;
}

function shotAdded(name: string, take: number | null): void {
  shotsTouched = true;
  const known = shots.find((shot) => shot.shot === name);
  if (known) changeShot(name, (shot) => ({ ...shot, takes: shot.takes + 1, last_take: Math.max(shot.last_take, take ?? 0) }));
  else if (shotsState === "some" && (shotsNext === null || name <= shotsNext)) {
    const begun: Shot = { shot: name, takes: 1, last_take: take ?? 1, circled_task_id: null, circled_take: null, poster: null };
    shots = [...shots, begun].sort(byName);
  }
}

function changeShot(name: string, change: (shot: Shot) => Shot): void {
  shotsTouched = true;
  shots = shots.map((shot) => (shot.shot === name ? change(shot) : shot));
  laidOut.value += 1;
}
