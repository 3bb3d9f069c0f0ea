// The messages as they pass, for who develops a client against them.
import { useSignal } from "@preact/signals";
import { Button } from "../ui/Button";
import { copy } from "../state/actions";
import { clearPassed, inspecting, passed, paused, type Passed } from "../state/inspector";

const SHOWN = 200;
const ARROWS = { in: "\u2193", out: "\u2191", note: "\u2013" };
const SAID = { in: "heard", out: "sent", note: "note" };

export function Inspector() {
  const wanted = useSignal("");
  const words = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = passed.value.filter((one) => words.every((word) => one.text.toLowerCase().includes(word)));
  return (
    <aside class="inspector" aria-labelledby="inspector-title">
      <div class="inspector-head">
        <h2 id="inspector-title">Messages <span class="dim numbers" id="passed">{found.length}</span></h2>
        <input type="search" aria-label="Filter messages" placeholder="filter: a type, an id, a word" value={wanted.value} onInput={(event) => (wanted.value = event.currentTarget.value)} />
        <Button pressed={paused.value} onClick={() => (paused.value = !paused.value)}>Pause</Button>
        <Button onClick={() => void copy(found.map((one) => one.text).join("\n"), `${found.length} messages are in the clipboard.`)}>Copy</Button>
        <Button onClick={clearPassed}>Clear</Button>
        <Button kind="quiet" label="Close the messages" onClick={() => (inspecting.value = false)}>{"\u00d7"}</Button>
      </div>
      <ol tabIndex={0} aria-label="Messages, newest first">
        {found.slice(-SHOWN).reverse().map((one) => <Line key={one.number} one={one} />)}
      </ol>
      <p class="dim note">{`The last ${SHOWN} of 500 that are kept while this is open. Marks, cancels and new tasks go over HTTP.`}</p>
    </aside>
  );
}

function Line({ one }: { one: Passed }) {
  const open = useSignal(false);
  return (
    <li>
      <details onToggle={(event) => (open.value = event.currentTarget.open)}>
        <summary>
          <span aria-hidden="true">{ARROWS[one.way]}</span><span class="unseen">{SAID[one.way]}</span>
          <time class="numbers">{new Date(one.at).toISOString().slice(11, 23)}</time> <b>{one.type}</b> <span class="dim">{brief(one.text)}</span>
        </summary>
        {open.value && <pre>{pretty(one.text)}</pre>}
      </details>
    </li>
  );
}

function brief(text: string): string {
  return text.replace(/"(id|type|project_id|timestamp|position)":"[^"]*",?/g, "").slice(0, 160);
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}
