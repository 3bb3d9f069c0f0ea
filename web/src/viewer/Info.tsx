// What a take was made of: its words and what became of them, parameters, seed, engine and why it, durations, files.
import type { Artifact, GenerationRequest, Task, TaskType } from "../wire";
import { named } from "../form/schema";
import { FloorPlan, Reading } from "./Reading";
import { Words } from "../words/Words";

interface Props {
  take: Task;
  types: readonly TaskType[] | undefined;
  shown: Artifact | null;
  onShow: (artifact: Artifact) => void;
  onCorrect: ((take: Task, request: GenerationRequest) => Promise<void>) | undefined;
  /** Another take by its id: what it is called, and how to get to it; null if it is not among those at hand. */
  kin: (id: string) => { name: string; go: () => void } | null;
}

export function Info({ take, types, shown, onShow, onCorrect, kin }: Props) {
  const result = take.result;
  const params = Object.entries(result?.params ?? take.params).filter(([name]) => name !== "prompt" && name !== "seed");
  const files = result?.artifacts ?? [];
  return (
    <aside class="viewer-info" aria-label="What it was made of" tabIndex={0}>
      <Words key={take.task_id} take={take} types={types} onCorrect={onCorrect} />
      <Reading take={take} />
      <FloorPlan key={`plan ${take.task_id}`} take={take} />
      <dl>
        <Row name="Shot">{take.shot ? `${take.shot}, take ${take.take}` : null}</Row>
        <Row name="Film">{take.metadata["film"] ? `${take.metadata["film"]}${take.metadata["script_line"] ? `, line ${take.metadata["script_line"]} of the script` : ""}` : null}</Row>
        <Row name="Task type">{take.task_type.replaceAll("_", " ")}</Row>
        <Row name="Quality">{take.quality}</Row>
        <Row name="Engine">{result?.engine ?? take.engine}</Row>
        <Row name="Why it">{result?.routing?.message}</Row>
        <Row name="Not taken">{result?.routing?.left_out.join(", ")}</Row>
        <Row name="Promoted from">{take.promoted_from && <Kin id={take.promoted_from} kin={kin} />}</Row>
        <Row name="Promoted to">{take.promoted_to.length > 0 && take.promoted_to.map((id) => <Kin key={id} id={id} kin={kin} />)}</Row>
        <Row name="Seed">{result?.seed}</Row>
        <Row name="Asked">{dateOf(take.queued_at)}</Row>
        <Row name="Waited">{between(take.queued_at, take.started_at)}</Row>
        <Row name="Ran">{between(take.started_at, take.ended_at)}</Row>
        <Row name="Notice">{take.notice}</Row>
      </dl>
      {params.length > 0 && (
        <>
          <h3>Parameters</h3>
          <dl>
            {params.map(([name, value]) => {
              const { label, unit } = named(name);
              const from = take.origins?.[name];
              return <Row key={name} name={label}>{shownOf(value)}{unit && ` ${unit}`}{from && from !== "caller" && <span class="dim"> {from}</span>}</Row>;
            })}
          </dl>
        </>
      )}
      {files.length > 0 && (
        <>
          <h3>Files</h3>
          <ul class="files-made">
            {files.map((file) => (
              <li key={file.url}>
                {seen(file) ? (
                  <button type="button" class="file" aria-pressed={shown?.url === file.url} onClick={() => onShow(file)}>
                    <img src={`${file.url}?width=64`} alt="" />
                    {nameOf(file)}
                  </button>
                ) : <a href={file.url} download={file.name}>{nameOf(file)}</a>}
                <span class="dim numbers">
                  {aboutOf(file)}
                  {seen(file) && <>{" · "}<a href={file.url} download={file.name} aria-label={`Download ${nameOf(file)}`}>download</a></>}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {result && Object.keys(result.metrics).length > 0 && (
        <>
          <h3>Metrics</h3>
          <dl>{Object.entries(result.metrics).map(([name, value]) => <Row key={name} name={named(name).label}>{shownOf(value)}{named(name).unit && ` ${named(name).unit}`}</Row>)}</dl>
        </>
      )}
    </aside>
  );
}

function Kin({ id, kin }: { id: string; kin: Props["kin"] }) {
  const found = kin(id);
  return found ? <button type="button" class="kin" onClick={found.go}>{found.name}</button> : <span class="dim">a take that is not among these</span>;
}

function Row({ name, children }: { name: string; children?: preact.ComponentChildren }) {
  if (children === null || children === undefined || children === "" || children === false) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

export const seen = (file: Artifact) => file.kind === "video" || file.media_type.startsWith("image/");

export function nameOf(file: Artifact): string {
  if (file.kind !== "control") return file.name;
  const pass = file.name.replace(/^control-/, "");
  return seen(file) ? `${pass.replace(/\.\w+$/, "")} pass` : pass;
}

function aboutOf(file: Artifact): string {
  const size = file.size_bytes < 1e6 ? `${Math.max(1, Math.round(file.size_bytes / 1e3))} kB` : `${(file.size_bytes / 1e6).toFixed(1)} MB`;
  const sides = file.width_px && file.height_px ? [`${file.width_px} × ${file.height_px}`] : [];
  const film = file.duration_s ? [`${Number(file.duration_s.toFixed(2))} s`] : [];
  return [...sides, ...film, size].join(" · ");
}

function shownOf(value: unknown): string {
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.map(shownOf).join(", ");
  return typeof value === "string" ? value : typeof value === "number" ? String(Number(value.toFixed(4))) : JSON.stringify(value);
}

function dateOf(text: string): string {
  return new Date(text).toLocaleString();
}

function between(from?: string | null, to?: string | null): string | null {
  if (!from || !to) return null;
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
