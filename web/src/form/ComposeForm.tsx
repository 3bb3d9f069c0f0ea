// The form: what shall be made, by whom, how well, of what. Its fields come from the schema of the engine's parameters.
import "./form.css";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ComposeProps } from "../contract";
import { Button } from "../ui/Button";
import { askedOf, countSet, engineOf, keepDraft, keptDraft, MOST_VARIATIONS, offered, seededDraft, standing, turned, type Draft } from "./draft";
import { FieldRow, idOf, type FieldContext } from "./FieldRow";
import { refusalOf } from "./refusal";
import { named, type Field } from "./schema";
import { filesOf } from "./upload";
import { isEmpty, type Raw } from "./values";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const DETAILS = "auteur.compose.details";

export function ComposeForm({ types: known, qualities, defaultQuality, project, seed, onSubmit, onSubmitAll, pick }: ComposeProps) {
  const types = useMemo(() => offered(known), [known]);
  const [draft, setDraft] = useState<Draft>(() => {
    const kept = keptDraft(sessionStorage, project, types, defaultQuality);
    return seed ? seededDraft(seed, kept, types) : kept;
  });
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [rest, setRest] = useState("");
  const [sending, setSending] = useState(false);
  const [busy, setBusy] = useState(0);
  const [said, setSaid] = useState("");
  const [given, setGiven] = useState<{ name: string; files: File[]; at: number } | null>(null);
  const [open, setOpen] = useState(() => sessionStorage.getItem(DETAILS) === "open");
  const [focusOn, setFocusOn] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const first = useRef(true);

  useEffect(() => {
    if (first.current) first.current = false;
    else if (seed) {
      setDraft((now) => seededDraft(seed, now, types));
      setProblems({});
      setRest("");
    }
  }, [seed]);
  useLayoutEffect(() => keepDraft(sessionStorage, project, draft), [draft, project]); // before anything else can happen, a reload too
  useEffect(() => {
    if (!focusOn) return;
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid]');
    const hidden = wrong?.closest("details");
    if (hidden && !hidden.open) hidden.open = true;
    (wrong ?? form.current?.querySelector<HTMLElement>(".refused"))?.focus();
  }, [focusOn]);

  const type = types.find((one) => one.name === draft.taskType);
  const engine = engineOf(draft, types);
  const asked = useMemo(() => askedOf(draft, types), [draft, types]);
  const { fields } = asked;
  const upfront = fields.filter((field) => isUpfront(field));
  const further = fields.filter((field) => !isUpfront(field) && field.kind !== "constant");
  const set = countSet(further, draft.bag);
  const preset = engine?.qualities[draft.quality];

  const change = (next: Partial<Draft>, place: string) => {
    setDraft((now) => turned(now, next, types));
    forget(place);
  };
  const forget = (place: string) => {
    setRest("");
    setProblems((all) => Object.fromEntries(Object.entries(all).filter(([path]) => path !== place && !path.startsWith(`${place}.`))));
  };
  const fill = (name: string, raw: Raw | undefined) => {
    setDraft((now) => {
      const { [name]: _, ...others } = now.bag;
      return { ...now, bag: raw === undefined || (raw === "" && isEmpty(raw)) ? others : { ...others, [name]: raw } };
    });
    forget(name);
  };

  const context: FieldContext = {
    project,
    problems,
    pick,
    standing: (field) => standing(field, engine, draft.quality),
    control: (name) => {
      const input = engine?.inputs.find((one) => one.name === name);
      return typeof input?.["control"] === "string" ? input["control"] : null;
    },
    given: (name) => (given?.name === name ? given : null),
    onBusy: (change) => setBusy((count) => count + change),
  };

  const submit = async () => {
    if (sending) return;
    setSaid("");
    if (busy) {
      setRest("A picture is still on its way; send it when it is there.");
      return;
    }
    const { requests, problems: wrong } = asked;
    if (Object.keys(wrong).length) {
      setProblems(wrong);
      setRest("");
      setFocusOn((turn) => turn + 1);
      return;
    }
    setSending(true);
    setProblems({});
    setRest("");
    try {
      const [one] = requests;
      if (requests.length > 1 && onSubmitAll) await onSubmitAll(requests);
      else if (one) for (const request of requests) await onSubmit(request);
      setSaid(requests.length > 1 ? `${requests.length} variations were accepted.` : "Accepted.");
    } catch (error) {
      const refusal = refusalOf(error, fields);
      setProblems(refusal.fields);
      setRest(refusal.rest);
      setFocusOn((turn) => turn + 1);
    } finally {
      setSending(false);
    }
  };

  /** A file that came by drop or paste goes to the field it was meant for, or the first that takes pictures. */
  const giveFiles = (files: File[], target: EventTarget | null) => {
    const meant = (target as HTMLElement | null)?.closest?.<HTMLElement>("[data-file-field]")?.dataset["fileField"];
    const name = meant ?? fields.find((field) => field.kind === "file" && field.takes === "image")?.name;
    if (name) setGiven({ name, files, at: Date.now() + Math.random() });
    else setRest(`${label(draft.taskType)} takes no picture; choose what does first.`);
  };

  const row = (field: Field) => <FieldRow key={`${draft.taskType}-${field.name}-${field.kind}`} field={field} path={field.name} raw={draft.bag[field.name]} context={context} onChange={(raw) => fill(field.name, raw)} />;
  const own = (place: string) => ({ id: idOf(place), "aria-invalid": problems[place] ? true : undefined, "aria-describedby": problems[place] ? `${idOf(place)}-problem` : undefined }) as const;
  const wrong = (place: string) => problems[place] && <p class="problem" id={`${idOf(place)}-problem`}>{problems[place]}</p>;

  return (
    <form
      ref={form}
      class="compose-form"
      aria-label="What shall be made"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          event.stopPropagation();
          void submit();
        }
      }}
      onPaste={(event) => {
        const files = filesOf(event.clipboardData);
        if (!files.length) return;
        event.preventDefault();
        giveFiles(files, event.target);
      }}
      onDragOver={(event) => {
        if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
      }}
      onDrop={(event) => {
        const files = filesOf(event.dataTransfer);
        if (!files.length) return;
        event.preventDefault();
        giveFiles(files, event.target);
      }}
    >
      <div class="form-pair">
        <div class="form-row">
          <label class="label" for={idOf("#task_type")}>Make</label>
          <select {...own("#task_type")} value={draft.taskType} onChange={(event) => change({ taskType: event.currentTarget.value, engine: "" }, "#task_type")}>
            {types.map((one) => <option key={one.name} value={one.name}>{label(one.name)}</option>)}
          </select>
          {wrong("#task_type")}
        </div>
        <div class="form-row">
          <label class="label" for={idOf("#engine")}>Engine</label>
          <select {...own("#engine")} value={draft.engine} onChange={(event) => change({ engine: event.currentTarget.value }, "#engine")}>
            <option value="">Automatic{engine ? ` (${engineOf({ ...draft, engine: "" }, types)?.engine})` : ""}</option>
            {type?.engines.map((one) => <option key={one.engine} value={one.engine}>{one.engine}{one.up ? "" : ", down"}</option>)}
          </select>
          {wrong("#engine")}
        </div>
      </div>
      <p class="help">
        {engine?.summary}
        {engine && !engine.up && <span class="down"> {engine.engine} is down: {engine.reason || "it cannot be reached"}.</span>}
      </p>
      {upfront.map(row)}
      <div class="form-pair three">
        <div class="form-row">
          <label class="label" for={idOf("#quality")}>Quality</label>
          <select {...own("#quality")} value={draft.quality} onChange={(event) => change({ quality: event.currentTarget.value }, "#quality")}>
            {qualities.map((name) => <option key={name}>{name}</option>)}
          </select>
          {wrong("#quality")}
        </div>
        <div class="form-row">
          <label class="label" for={idOf("#shot")}>Take of shot</label>
          <input {...own("#shot")} value={draft.shot} placeholder="12A" autocomplete="off" onInput={(event) => change({ shot: event.currentTarget.value }, "#shot")} />
          {wrong("#shot")}
        </div>
        <div class="form-row">
          <label class="label" for={idOf("#count")}>Variations</label>
          <input {...own("#count")} type="number" min={1} max={MOST_VARIATIONS} value={draft.count} onInput={(event) => change({ count: Number(event.currentTarget.value) }, "#count")} />
        </div>
      </div>
      {preset && <p class="help preset" data-preset>{presetWords(preset.parameters, draft.quality, fields, draft.bag)}</p>}
      {further.length > 0 && (
        <details class="further" open={open} onToggle={(event) => {
          setOpen(event.currentTarget.open);
          sessionStorage.setItem(DETAILS, event.currentTarget.open ? "open" : "");
        }}>
          <summary>All parameters{set > 0 && <span class="dim"> · {set} set</span>}</summary>
          <div class="form-grid">{further.map(row)}</div>
        </details>
      )}
      {asked.waiting.length > 0 && (
        <p class="help">Kept for an engine that takes it: {asked.waiting.map((name) => named(name).label.toLowerCase()).join(", ")}.</p>
      )}
      {rest && <p class="problem refused" role="alert" tabIndex={-1}>{rest}</p>}
      <div class="ends">
        <Button kind="quiet" onClick={() => {
          setDraft((now) => ({ ...now, bag: {}, shot: "", count: 1 }));
          setProblems({});
          setRest("");
          form.current?.querySelector<HTMLElement>("textarea, input")?.focus();
        }}>Clear</Button>
        <Button kind="primary" type="submit" disabled={sending}>{sending ? "Sending…" : asked.requests.length > 1 ? `Make ${asked.requests.length}` : "Make it"}<kbd aria-hidden="true">{isMac ? "⌘" : "Ctrl"} ↵</kbd></Button>
      </div>
      <span class="unseen" role="status">{said}</span>
    </form>
  );
}

function isUpfront(field: Field): boolean {
  return field.required || field.kind === "file" || field.name === "prompt" || field.name === "move";
}

function label(taskType: string): string {
  return named(taskType).label;
}

/** What the quality stands for, as far as nothing else was said. */
function presetWords(parameters: Record<string, unknown>, quality: string, fields: readonly Field[], bag: Record<string, Raw>): string {
  const told = Object.entries(parameters).map(([name, value]) => {
    const field = fields.find((one) => one.name === name);
    const own = bag[name];
    return { name, value: field && !isEmpty(own) ? String(own) : String(value), own: Boolean(field && !isEmpty(own)) };
  });
  const width = told.find((one) => one.name === "width_px");
  const height = told.find((one) => one.name === "height_px");
  const size = width && height ? [`${width.value} × ${height.value} px${width.own || height.own ? " (yours)" : ""}`] : [];
  const others = told.filter((one) => !(width && height) || !one.name.endsWith("_px")).map((one) => `${one.value} ${named(one.name).label.toLowerCase()}${one.own ? " (yours)" : ""}`);
  return `${quality}: ${[...size, ...others].join(", ") || "no parameters of its own"}`;
}
