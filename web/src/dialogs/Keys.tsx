// The list of keys.
import { Dialog } from "../ui/Dialog";
import { Button } from "../ui/Button";
import { shown } from "../state/actions";
import { letters, takeLetters } from "../state/look";
import { VIEWER_KEYS } from "../viewer/keys";

const KEYS: readonly [string, readonly (readonly [string, string])[]][] = [
  ["Everywhere", [
    ["n", "a new frame: to the form"], ["b", "to the board"], ["g", "to the film"], ["/", "search"], ["p", "projects"], ["v", "by shot, or newest first"],
    ["+  \u2212", "larger, smaller pictures"], ["u", "undo the last deletion"], ["i", "messages as they pass"], ["t", "light, dark, as the system"],
    ["?", "this list"], ["Esc", "leave what is open"],
  ]],
  ["On the board", [
    ["\u2190 \u2191 \u2192 \u2193", "from take to take"], ["Home  End", "first, last"], ["PgUp  PgDn", "a screen up, down"],
    ["Enter", "look at it; on a shot: fold it"], [".", "all that can be done with it"],
  ]],
  ["With a take", [
    ["a", "again, with changes"], ["s", "same seed elsewhere"], ["r", "promote"], ["m", "move a camera over it"],
    ["f", "favourite"], ["c", "circle"], ["d", "download"], ["l", "copy link"], ["x", "cancel"], ["Del", "delete (u undoes it)"],
  ]],
  ["In the viewer", VIEWER_KEYS.map(({ keys, does }) => [keys.join("  "), does] as const)],
];

export function Keys() {
  return (
    <Dialog label="Keys" onClose={() => (shown.value = null)} wide>
      <h2>Keys</h2>
      <div class="keys">
        {KEYS.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>{keys.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>
          </section>
        ))}
      </div>
      <div class="ends">
        <label><input type="checkbox" checked={letters.value} onChange={(event) => takeLetters(event.currentTarget.checked)} /> single letters do something</label>
        <Button kind="primary" onClick={() => (shown.value = null)}>Close</Button>
      </div>
    </Dialog>
  );
}
