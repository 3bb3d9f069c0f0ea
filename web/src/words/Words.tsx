// The prompt with what became of its words: underlined what was used, marked what was not; and a word corrected.
import "./words.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../ui/Button";
import { wordsOf } from "../form/upload";
import type { GenerationRequest, Task, TaskType } from "../wire";
import { corrected, correctionsOf, nameOf, readByOf, segmentsOf, subjectName, toldOf, vocabularyOf, type Segment, type Term } from "./meanings";

interface Props {
  take: Task;
  types: readonly TaskType[] | undefined;
  onCorrect: ((take: Task, request: GenerationRequest) => Promise<void>) | undefined;
}

export function Words({ take, types, onCorrect }: Props) {
  const [chosen, setChosen] = useState<Segment | null>(null);
  const [said, setSaid] = useState("");
  const at = useRef<HTMLButtonElement | null>(null);
  const prompt = take.result?.params["prompt"] ?? take.params["prompt"];
  const told = toldOf(take.result?.understood);
  if (typeof prompt !== "string") return null;
  if (!told) return <p class="words">{prompt}</p>;
  const segments = segmentsOf(prompt, told.meanings, told.unread);
  const corrections = correctionsOf(take.result?.understood);
  const readAs = (segment: Segment) =>
    segment.meanings.map((one) => corrections.get(`${one.start}-${one.end}`)).find((one) => one !== undefined);
  const type = types?.find((one) => one.name === take.task_type);
  const engine = type?.engines.find((one) => one.engine === take.result?.engine) ?? type;
  const vocabulary = vocabularyOf(engine?.params_schema);
  const takes = new Set(Object.keys(engine?.params_schema.properties ?? {}));
  const close = () => {
    setChosen(null);
    at.current?.focus();
  };

  const correct = async (subject: string, name: string | null, segment: Segment) => {
    const meaning = segment.meanings.find((one) => one.subject === subject);
    const wish = { start: meaning?.start ?? segment.start, end: meaning?.end ?? segment.end, subject, name };
    const asked = Object.fromEntries(Object.entries(take.params).filter(([of]) => !take.origins || take.origins[of] === "caller"));
    const language = take.result?.understood["language"];
    const better = corrected(prompt, asked, wish, told.meanings, vocabulary, takes, typeof language === "string" ? language : undefined);
    const seed = take.result?.seed;
    await onCorrect?.(take, {
      task_type: take.task_type,
      quality: take.quality,
      params: { ...better.params, prompt: better.prompt, ...(typeof seed === "number" ? { seed } : {}) },
      ...(take.shot ? { shot: take.shot } : {}),
      ...(take.engine ? { engine: take.engine } : {}),
    });
    setSaid(`Begun again: ${better.prompt}`);
    close();
  };

  const unread = segments.filter((one) => one.unread);
  return (
    <section class="words-part" aria-label="The prompt and what was understood">
      <p class="words">
        {segments.map((segment) => {
          if (!segment.meanings.length && !segment.unread) return segment.text;
          const used = segment.meanings.some((one) => one.used);
          const means = segment.meanings.map((one) => `${subjectName(one.subject)} ${nameOf(one)}${one.used ? "" : ", not used"}`).join("; ");
          const as = readAs(segment);
          const kind = segment.unread ? "unread" : used ? "used" : "overruled";
          const label = `${segment.text}: ${segment.unread ? "not understood" : means}${as ? `, read as “${as}”` : ""}`;
          return (
            <button
              key={segment.start}
              type="button"
              class={`word ${kind}${as ? " guessed" : ""}`}
              aria-label={label}
              title={`${segment.unread ? "not understood" : means}${as ? `, read as “${as}”` : ""}`}
              aria-expanded={chosen?.start === segment.start}
              onClick={(event) => {
                at.current = event.currentTarget;
                setSaid("");
                setChosen(chosen?.start === segment.start ? null : segment);
              }}
            >
              {segment.text}
            </button>
          );
        })}
      </p>
      <p class="legend dim" aria-hidden="true">
        <span class="word used">became something</span>
        {segments.some((one) => one.meanings.length && !one.meanings.some((two) => two.used)) && <span class="word overruled">overruled</span>}
        {segments.some((one) => readAs(one)) && <span class="word used guessed">read as another word</span>}
        {unread.length > 0 && <span class="word unread">not understood</span>}
      </p>
      <p class="read-by dim">{readByOf(take.result?.understood)}</p>
      {chosen && <Correction key={chosen.start} segment={chosen} vocabulary={vocabulary} onCorrect={onCorrect && correct} onClose={close} />}
      <p class="said" role="status">{said}</p>
    </section>
  );
}

interface CorrectionProps {
  segment: Segment;
  vocabulary: Record<string, Term[]>;
  onCorrect: ((subject: string, name: string | null, segment: Segment) => Promise<void>) | undefined;
  onClose: () => void;
}

const LEAVE_OUT = "";

function Correction({ segment, vocabulary, onCorrect, onClose }: CorrectionProps) {
  const subjects = segment.unread ? Object.keys(vocabulary) : segment.meanings.map((one) => one.subject).filter((one, at, all) => all.indexOf(one) === at);
  const [subject, setSubject] = useState(subjects[0] ?? "");
  const meaning = segment.meanings.find((one) => one.subject === subject);
  const [name, setName] = useState(meaning?.name ?? LEAVE_OUT);
  const [problem, setProblem] = useState("");
  const [sending, setSending] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector<HTMLElement>("select")?.focus(), []);
  const terms = vocabulary[subject] ?? [];
  const current = meaning && !terms.some((one) => one.name === meaning.name) ? [{ name: meaning.name, words: nameOf(meaning) }] : [];
  const words = [...current, ...terms].find((one) => one.name === name)?.words;
  return (
    <div
      ref={box}
      class="correction"
      role="group"
      aria-label={`Correct “${segment.text}”`}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault(); // only this is left, not the viewer
        event.stopPropagation();
        onClose();
      }}
    >
      <p>{segment.unread ? <>“{segment.text}” became nothing.</> : segment.meanings.map((one) => <span key={one.subject}>“{segment.text}” {one.used ? "became" : "would be"} {subjectName(one.subject)}: <b>{nameOf(one)}</b>{one.used ? "" : "; something else decided"}. </span>)}</p>
      {onCorrect && (terms.length > 0 || segment.unread) && (
        <>
          {subjects.length > 1 && (
            <label class="field"><span>{segment.unread ? "It means the" : "Correct the"}</span>
              <select value={subject} onChange={(event) => {
                setSubject(event.currentTarget.value);
                setName(segment.meanings.find((one) => one.subject === event.currentTarget.value)?.name ?? LEAVE_OUT);
              }}>
                {subjects.map((one) => <option key={one} value={one}>{subjectName(one)}</option>)}
              </select>
            </label>
          )}
          <label class="field"><span>{subjectName(subject).replace(/^./, (letter) => letter.toUpperCase())}</span>
            <select value={name} onChange={(event) => setName(event.currentTarget.value)}>
              {[...current, ...terms].map((one) => <option key={one.name} value={one.name}>{one.words}</option>)}
              <option value={LEAVE_OUT}>leave these words out</option>
            </select>
          </label>
          {problem && <p class="problem" role="alert">{problem}</p>}
          <div class="ends">
            <Button kind="quiet" onClick={onClose}>Leave it</Button>
            <Button kind="primary" disabled={sending || name === meaning?.name} onClick={() => {
              setSending(true);
              setProblem("");
              void onCorrect(subject, name === LEAVE_OUT ? null : name, segment).catch((error: unknown) => {
                setProblem(wordsOf(error));
                setSending(false);
              });
            }}>Again {words ? `with “${words}”` : "without it"}</Button>
          </div>
        </>
      )}
    </div>
  );
}
