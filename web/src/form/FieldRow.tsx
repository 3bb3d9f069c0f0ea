// One field: its label, the control of its kind, what it takes, and what is wrong with it.
import type { ComponentChildren } from "preact";
import { Button } from "../ui/Button";
import type { Task } from "../wire";
import { FilePicker } from "./FilePicker";
import type { Field, NumberField } from "./schema";
import { fits, type Raw } from "./values";

export interface FieldContext {
  project: string;
  problems: Record<string, string>;
  /** What the service takes where the field is empty. */
  standing: (field: Field) => { json: string; from: "preset" | "default" } | undefined;
  control: (name: string) => string | null;
  given: (name: string) => { files: File[]; at: number } | null;
  onBusy: (change: 1 | -1) => void;
  pick: () => Promise<Task | null>;
}

interface Props {
  field: Field;
  path: string;
  raw: Raw | undefined;
  onChange: (raw: Raw | undefined) => void;
  context: FieldContext;
}

export const idOf = (path: string) => `compose-${path.replace(/[^\w-]/g, "-")}`;

export function FieldRow({ field, path, raw: typed, onChange, context }: Props) {
  if (field.kind === "constant") return null;
  const raw = fits(field, typed) ? typed : undefined;
  const id = idOf(path);
  const problem = context.problems[path];
  const help = helpOf(field);
  const stands = path.includes(".") ? undefined : context.standing(field);
  const shown = stands && shownOf(field, stands.json);
  const describedBy = [problem && `${id}-problem`, help && `${id}-help`].filter(Boolean).join(" ") || undefined;
  const control = { id, "aria-describedby": describedBy, "aria-invalid": problem ? true : undefined } as const;
  const grouped = field.kind === "several" || field.kind === "list" || field.kind === "object" || field.kind === "file";
  const label = (
    <>
      {field.label}
      {field.unit && <span class="unit"> ({field.unit})</span>}
      {field.required && <span class="must"> needed</span>}
    </>
  );
  let body: ComponentChildren;
  switch (field.kind) {
    case "text":
      body = field.long ? (
        <textarea {...control} rows={field.name === "prompt" ? 4 : 2} value={(raw as string) ?? ""} placeholder={shown} onInput={(event) => onChange(event.currentTarget.value)} />
      ) : (
        <input {...control} value={(raw as string) ?? ""} placeholder={shown} onInput={(event) => onChange(event.currentTarget.value)} />
      );
      break;
    case "number":
      body = (
        <input
          {...control}
          inputMode={field.integer ? "numeric" : "decimal"}
          autocomplete="off"
          value={(raw as string) ?? (typeof typed === "string" ? typed : "")}
          placeholder={shown}
          onInput={(event) => onChange(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
            event.preventDefault();
            onChange(nudged(field, event.currentTarget.value || shown || "", event.key === "ArrowUp" ? 1 : -1));
          }}
        />
      );
      break;
    case "boolean":
      body = <input {...control} type="checkbox" checked={typeof raw === "boolean" ? raw : field.default === "true"} onChange={(event) => onChange(event.currentTarget.checked)} />;
      break;
    case "choice":
      body = (
        <select {...control} value={(raw as string) ?? ""} onChange={(event) => onChange(event.currentTarget.value)}>
          <option value="">{shown ? `${shown} (${stands?.from})` : field.required ? "Choose…" : "—"}</option>
          {field.options.map((option) => <option key={option.json} value={option.json}>{option.label}</option>)}
        </select>
      );
      break;
    case "several": {
      const chosen = (raw as string[] | undefined) ?? [];
      body = (
        <div class="several">
          {field.options.map((option, at) => (
            <label key={option.json} class="chip">
              <input
                type="checkbox"
                id={at === 0 ? id : undefined}
                aria-invalid={problem && at === 0 ? true : undefined}
                checked={chosen.includes(option.json)}
                onChange={(event) => onChange(field.options.map((one) => one.json).filter((json) => (json === option.json ? event.currentTarget.checked : chosen.includes(json))))}
              />
              {option.label}
            </label>
          ))}
        </div>
      );
      break;
    }
    case "list": {
      const items = (raw as Raw[] | undefined) ?? [];
      body = (
        <div class="list">
          {items.map((item, at) => (
            <div key={at} class="list-item">
              <FieldRow field={{ ...field.item, label: `${field.label} ${at + 1}`, description: "", required: false }} path={`${path}.${at}`} raw={item} context={context} onChange={(next) => onChange(items.map((one, other) => (other === at ? next ?? "" : one)))} />
              <Button kind="quiet" label={`Remove ${field.label} ${at + 1}`} onClick={() => onChange(items.filter((_, other) => other !== at))}>×</Button>
            </div>
          ))}
          <Button id={id} invalid={Boolean(problem)} disabled={field.most !== undefined && items.length >= field.most} onClick={() => onChange([...items, field.item.kind === "object" ? {} : field.item.kind === "boolean" ? false : ""])}>Add</Button>
        </div>
      );
      break;
    }
    case "object": {
      const inner = (raw as Record<string, Raw> | undefined) ?? {};
      body = (
        <div class="object">
          {field.fields.map((part) => (
            <FieldRow key={part.name} field={part} path={`${path}.${part.name}`} raw={inner[part.name]} context={context} onChange={(next) => {
              const { [part.name]: _, ...rest } = inner;
              onChange(next === undefined ? rest : { ...rest, [part.name]: next });
            }} />
          ))}
        </div>
      );
      break;
    }
    case "file":
      body = <FilePicker id={id} field={field} control={context.control(field.name)} value={(raw as Raw[] | undefined) ?? []} project={context.project} given={context.given(field.name)} describedBy={describedBy} invalid={Boolean(problem)} onChange={onChange} onBusy={context.onBusy} pick={context.pick} />;
      break;
    case "json":
      body = <textarea {...control} class="json" rows={3} spellcheck={false} value={(raw as string) ?? ""} placeholder={shown ?? "JSON"} onInput={(event) => onChange(event.currentTarget.value)} />;
  }
  return (
    <div class={`form-row kind-${field.kind}`} data-field={path} role={grouped && field.kind !== "file" ? "group" : undefined} aria-labelledby={grouped && field.kind !== "file" ? `${id}-label` : undefined}>
      {grouped ? <span class="label" id={`${id}-label`}>{label}</span> : <label class="label" for={id}>{label}</label>}
      {body}
      {problem && <p class="problem" id={`${id}-problem`}>{problem}</p>}
      {help && <p class="help" id={`${id}-help`}>{help}</p>}
    </div>
  );
}

/** What it takes, in words: its description, and its bounds where it has some. */
function helpOf(field: Field): string {
  const bounds = field.kind === "number" ? boundsOf(field) : "";
  const spoken = /^(Pixels|Seconds|Frames per second)\.$|^An artifact's or upload's url/; // what the unit and the buttons say already
  const said = spoken.test(field.description) ? "" : field.description.replaceAll("``", "");
  return [said, bounds].filter(Boolean).join(" ");
}

function boundsOf({ least, most, above, below, step }: NumberField): string {
  const told = [];
  if (least !== undefined && most !== undefined) told.push(`${least} to ${most}`);
  else if (least !== undefined) told.push(`${least} or more`);
  else if (most !== undefined) told.push(`${most} or less`);
  if (above !== undefined) told.push(`more than ${above}`);
  if (below !== undefined) told.push(`less than ${below}`);
  if (step) told.push(`in steps of ${step}`);
  const words = told.join(", ");
  return words && `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function shownOf(field: Field, json: string): string {
  const value = JSON.parse(json) as unknown;
  if (field.kind === "choice") return field.options.find((option) => option.json === json)?.label ?? String(value);
  return typeof value === "object" ? json : String(value);
}

/** A number one step further, within its bounds. */
export function nudged(field: NumberField, text: string, by: 1 | -1): string {
  const now = Number(text);
  if (Number.isNaN(now)) return text;
  const step = field.step ?? (field.integer ? 1 : 0.1);
  const next = text.trim() === "" ? field.least ?? 0 : now + by * step;
  const bounded = Math.min(Math.max(next, field.least ?? -Infinity), field.most ?? Infinity);
  return String(Number(bounded.toFixed(6)));
}
