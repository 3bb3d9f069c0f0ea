// Pictures and films as inputs: chosen, dropped, pasted, or picked from the board.
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../ui/Button";
import type { Task } from "../wire";
import { referenceTo, shortName, thumbnailOf } from "./references";
import type { FileField } from "./schema";
import { upload, wordsOf } from "./upload";
import type { Raw } from "./values";

interface Coming {
  id: number;
  name: string;
  share: number;
  stop: AbortController;
}

interface Props {
  id: string;
  field: FileField;
  control: string | null;
  value: Raw[];
  project: string;
  /** Files that were dropped or pasted elsewhere in the form and are for this field. */
  given: { files: File[]; at: number } | null;
  describedBy: string | undefined;
  invalid: boolean;
  onChange: (value: Raw[]) => void;
  onBusy: (change: 1 | -1) => void;
  pick: () => Promise<Task | null>;
}

const ACCEPTS = "image/*";
let numbers = 0;

export function FilePicker({ id, field, control, value, project, given, describedBy, invalid, onChange, onBusy, pick }: Props) {
  const [coming, setComing] = useState<readonly Coming[]>([]);
  const [refused, setRefused] = useState<readonly string[]>([]);
  const [over, setOver] = useState(false);
  const [said, setSaid] = useState("");
  const chooser = useRef<HTMLInputElement>(null);
  const picker = useRef<HTMLButtonElement>(null);
  const latest = useRef(value);
  latest.current = value;
  const alive = useRef(new Set<AbortController>());
  useEffect(() => () => alive.current.forEach((stop) => stop.abort()), []);

  const add = (reference: Raw) => {
    latest.current = field.many ? [...latest.current, reference] : [reference];
    onChange(latest.current);
  };

  const bring = async (file: File) => {
    const one: Coming = { id: ++numbers, name: file.name || "pasted picture", share: 0, stop: new AbortController() };
    alive.current.add(one.stop);
    setComing((all) => [...all, one]);
    onBusy(1);
    try {
      const told = await upload(project, file, (share) => setComing((all) => all.map((other) => (other.id === one.id ? { ...other, share } : other))), one.stop.signal);
      add(told.url);
      setSaid(`${one.name} is there, ${told.width_px} by ${told.height_px} pixels.`);
    } catch (error) {
      if (!one.stop.signal.aborted) setRefused((all) => [...all, `${one.name}: ${wordsOf(error)}`]);
    } finally {
      alive.current.delete(one.stop);
      setComing((all) => all.filter((other) => other.id !== one.id));
      onBusy(-1);
    }
  };

  const take = (files: readonly File[]) => {
    setRefused([]);
    if (field.takes !== "image") return setRefused([`Only pictures can be brought from here; pick the ${field.takes} from the board.`]);
    for (const file of field.many ? files : files.slice(0, 1)) void bring(file);
  };

  useEffect(() => {
    if (given) take(given.files);
  }, [given?.at]);

  const fromBoard = async () => {
    setRefused([]);
    const chosen = await pick();
    picker.current?.focus();
    if (!chosen) return;
    const reference = referenceTo(chosen, field.takes, control);
    if (reference === null) setRefused([`That take has no ${field.takes}.`]);
    else add(reference);
  };

  const dropped = (event: DragEvent) => {
    setOver(false);
    const address = event.dataTransfer?.getData("text/uri-list");
    if (event.dataTransfer?.files.length) take([...event.dataTransfer.files]);
    else if (address) {
      const path = URL.canParse(address) ? new URL(address) : null;
      if (path && path.origin === location.origin && path.pathname.includes("/artifacts/")) add(path.pathname);
      else setRefused(["That is no picture of this service."]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const noun = field.takes === "image" ? "picture" : field.takes === "video" ? "film" : "sound";
  return (
    <div
      class={`files ${over ? "over" : ""} ${invalid || refused.length ? "wrong" : ""}`}
      role="group"
      aria-labelledby={`${id}-label`}
      data-file-field={field.name}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
    >
      {(value.length > 0 || coming.length > 0) && (
        <ul class="files-list">
          {value.map((reference, at) => {
            const small = thumbnailOf(reference, project);
            const name = shortName(reference);
            return (
              <li key={`${name}-${at}`}>
                {small ? <img src={small} alt="" class="thumb" /> : <span class="thumb none" aria-hidden="true">{typeof reference === "string" ? "link" : "to come"}</span>}
                <span class="file-name">{name}</span>
                <Button kind="quiet" label={`Remove ${name}`} onClick={() => {
                  onChange(value.filter((_, other) => other !== at));
                  document.getElementById(id)?.focus();
                }}>×</Button>
              </li>
            );
          })}
          {coming.map((one) => (
            <li key={one.id}>
              <span class="thumb none" aria-hidden="true">{Math.round(one.share * 100)} %</span>
              <span class="file-name">{one.name}<progress aria-label={`Bringing ${one.name}`} max={1} value={one.share} /></span>
              <Button kind="quiet" label={`Stop bringing ${one.name}`} onClick={() => one.stop.abort()}>×</Button>
            </li>
          ))}
        </ul>
      )}
      <div class="files-ways">
        {field.takes === "image" && <Button id={id} invalid={invalid} describedBy={describedBy} onClick={() => chooser.current?.click()}>Choose a {noun}…</Button>}
        <Button buttonRef={picker} {...(field.takes === "image" ? {} : { id, invalid, describedBy })} onClick={() => void fromBoard()}>From the board</Button>
        {field.takes === "image" && <span class="dim files-hint">or drop or paste it</span>}
      </div>
      <input
        ref={chooser}
        type="file"
        hidden
        accept={ACCEPTS}
        multiple={field.many}
        onChange={(event) => {
          take([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      {refused.map((words) => <p key={words} class="problem" role="alert">{words}</p>)}
      <span class="unseen" role="status">{said}</span>
    </div>
  );
}
