// What was read of a script, and what would be made of it: looked at before anything is made.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clock, counted, framing, linesOf, scenesOf, secondsOf } from "./words";
import { Button } from "../ui/Button";
import { choicesOf, engineFor, qualities } from "../state/catalogue";
import { change, leave, make, making, plan, RATES, reading, refused, type Brought, type Plan as Read, type Rate } from "../state/script";
import type { FilmShot } from "../wire";

type Fate = "added" | "changed" | "again" | "retimed" | "kept";
const FATES: Record<Fate, { mark: string; word: string }> = {
  added: { mark: "+", word: "new" },
  changed: { mark: "~", word: "changed" },
  again: { mark: "\u21bb", word: "made again" },
  retimed: { mark: "\u2194", word: "other length" },
  kept: { mark: "", word: "kept" },
};
const TYPING_MS = 400;

export function Plan({ script }: { script: Brought }) {
  const read = plan.value;
  const only = useSignal(false);
  const head = useRef<HTMLHeadingElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => head.current?.focus(), []);
  const aspects = choicesOf(engineFor(read?.before?.task_type ?? "text_to_image"), "aspect");
  const choice = (label: string, name: "quality" | "rate" | "aspect", all: readonly string[]) => (
    <label class="field">
      <span>{label}</span>
      <select value={script[name]} onChange={(event) => void change({ [name]: event.currentTarget.value as Rate })}>
        {(all.includes(script[name]) ? all : [script[name], ...all]).map((one) => <option key={one} value={one}>{one}</option>)}
      </select>
    </label>
  );
  return (
    <main class="film plan" aria-label="What would be made" aria-busy={reading.value}>
      <div class="film-head">
        <div>
          <h2 ref={head} tabIndex={-1}>{read?.made.title || script.name || "Film"}</h2>
          <p class="dim">{script.file}{read ? (read.before ? ` \u00b7 brings ${read.made.name} up to it` : " \u00b7 a new film") : reading.value ? " \u00b7 being read" : ""}</p>
        </div>
        <div class="film-ways">
          <Button onClick={leave}>Leave it</Button>
          <Button kind="primary" id="make-film" disabled={!read || reading.value || making.value || isAsBefore(read)} onClick={() => void make()}>{read ? doing(read) : "Make it"}</Button>
        </div>
      </div>
      <form class="plan-form" onSubmit={(event) => event.preventDefault()}>
        <label class="field">
          <span>Film</span>
          <input
            defaultValue={script.name} maxLength={200} spellcheck={false}
            onInput={(event) => {
              const name = event.currentTarget.value;
              clearTimeout(timer.current);
              timer.current = setTimeout(() => void change({ name }), TYPING_MS);
            }}
          />
        </label>
        {choice("Quality", "quality", qualities.value)}
        {choice("Frames a second", "rate", RATES)}
        {aspects.length > 0 && choice("Shape", "aspect", aspects)}
        {read?.before && <label class="check"><input type="checkbox" checked={script.remake} onChange={(event) => void change({ remake: event.currentTarget.checked })} /> make every shot again</label>}
      </form>
      {refused.value && <p class="bad" role="alert">{refused.value}</p>}
      {read && <Read read={read} only={only.value} onOnly={(on) => (only.value = on)} />}
    </main>
  );
}

function doing({ made, before }: Read): string {
  if (made.make.length) return `Make ${counted(made.make.length, "shot")}`;
  return before && isAsBefore({ made, before }) ? "Nothing has changed" : "Bring it up to the script";
}

function isAsBefore({ made, before }: Read): boolean {
  return before !== null && !made.make.length && before.title === made.title && before.rate === made.rate && JSON.stringify(before.shots) === JSON.stringify(made.shots);
}

function Read({ read: { made, before }, only, onOnly }: { read: Read; only: boolean; onOnly: (on: boolean) => void }) {
  const fates = new Map<string, Fate>();
  for (const name of made.make) fates.set(name, "again");
  for (const name of made.added) fates.set(name, "added");
  for (const name of made.changed) fates.set(name, "changed");
  const old = new Map((before?.shots ?? []).map((shot) => [shot.name, shot]));
  const isRetimed = (shot: FilmShot) => !fates.has(shot.name) && old.get(shot.name)?.frames !== shot.frames;
  const fateOf = (shot: FilmShot): Fate => fates.get(shot.name) ?? (isRetimed(shot) ? "retimed" : "kept");
  const retimed = made.shots.filter(isRetimed).length;
  const again = [...fates.values()].filter((fate) => fate === "again").length;
  const scenes = scenesOf(made.shots);
  const frames = made.shots.reduce((sum, shot) => sum + shot.frames, 0);
  const numbers = [
    made.added.length ? `${made.added.length} new` : "", made.changed.length ? `${made.changed.length} changed` : "", again ? `${again} made again` : "",
    retimed ? `${retimed} of another length` : "", made.kept.length - again - retimed > 0 ? `${made.kept.length - again - retimed} kept` : "", made.removed.length ? `${made.removed.length} removed` : "",
  ].filter(Boolean).join(", ");
  const some = before !== null && made.make.length > 0 && made.make.length < made.shots.length;
  return (
    <>
      <p class="plan-sum numbers" role="status">
        <b>{counted(made.shots.length, "shot")} in {counted(scenes.length, "scene")}, {clock(frames, made.rate)}</b> at {made.rate}: {numbers}.
        {some && <label class="check"><input type="checkbox" checked={only} onChange={(event) => onOnly(event.currentTarget.checked)} /> only what differs</label>}
      </p>
      {made.warnings.length > 0 && <ul class="film-warnings">{made.warnings.map((one) => <li key={one}>{"\u26a0"} {one}</li>)}</ul>}
      {made.removed.length > 0 && (
        <section class="plan-scene removed" aria-label="Removed">
          <h3>No more in the script</h3>
          <ul>
            {made.removed.map((name) => {
              const shot = old.get(name);
              return <li key={name}><Mark mark={"\u2212"} word="removed" /><b class="numbers">{name}</b><span class="numbers dim" /><div><del>{shot ? framing(shot) : ""}</del> <span class="dim">Its takes stay on the board.</span></div></li>;
            })}
          </ul>
        </section>
      )}
      {scenes.map((scene) => {
        const shots = only ? scene.shots.filter((shot) => fateOf(shot) !== "kept") : scene.shots;
        if (!shots.length) return null;
        return (
          <section class="plan-scene" key={scene.key} aria-label={`Scene ${scene.label}`}>
            <h3><span class="numbers">{scene.label}</span> {scene.heading || (scene.label ? "" : "Shots")}</h3>
            <ul>
              {shots.map((shot) => <Shot key={shot.name} shot={shot} fate={fateOf(shot)} before={old.get(shot.name)} rate={made.rate} />)}
            </ul>
          </section>
        );
      })}
    </>
  );
}

function Shot({ shot, fate, before, rate }: { shot: FilmShot; fate: Fate; before: FilmShot | undefined; rate: string }) {
  const was = fate === "changed" && before ? framing(before) : "";
  const longer = before && before.frames !== shot.frames ? `, was ${secondsOf(before.frames, rate)} s` : "";
  return (
    <li class={fate} data-shot={shot.name}>
      <Mark {...FATES[fate]} />
      <b class="numbers">{shot.name}</b>
      <span class="numbers dim">{secondsOf(shot.frames, rate)} s{longer}</span>
      <div>
        <p>{framing(shot)}</p>
        {was && was !== framing(shot) && <p class="dim">was: <del>{was}</del></p>}
        {linesOf(shot).map(({ who, text }, place) => who ? <p key={place} class="script-line"><b>{who}</b> {text}</p> : framing(shot).includes(text) ? null : <p key={place} class="script-line">{text}</p>)}
        <p class="dim numbers where">{shot.line ? `line ${shot.line}` : ""}{shot.page ? `${shot.line ? ", " : ""}page ${shot.page}` : ""}{shot.by_hand ? " \u00b7 length by hand" : ""}{shot.dissolve_frames ? ` \u00b7 dissolves in for ${secondsOf(shot.dissolve_frames, rate)} s` : ""}</p>
      </div>
    </li>
  );
}

function Mark({ mark, word }: { mark: string; word: string }) {
  return <span class="mark"><span aria-hidden="true">{mark}</span> <span class={mark ? "word-of" : "word-of dim"}>{word}</span></span>;
}
