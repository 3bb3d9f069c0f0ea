// Where a script comes in: dropped, chosen or pasted.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { filesOf } from "../form/upload";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { shown } from "../state/actions";
import { bring, bringText, brought, ENDINGS, looksLikeScript, refused } from "../state/script";
import { problem } from "../state/notices";
import { view, showFilm } from "../state/route";

export function Bring({ children }: { children: preact.ComponentChildren }) {
  const over = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  return (
    <div
      class={`files script-in ${over.value ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => (over.value = false)}
      onDrop={() => (over.value = false)} // the page takes it: wherever on it a script is dropped
    >
      <p>{children}</p>
      <div class="files-ways">
        <Button onClick={() => input.current?.click()}>Choose a file</Button>
        <Button onClick={() => (shown.value = "script")}>Paste</Button>
      </div>
      <p class="files-hint dim">Fountain, Final Draft (.fdx) or a shot list (.csv). Dropping it here is enough.</p>
      <input
        ref={input} type="file" hidden accept={ENDINGS.join(",")} aria-label="Script"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = "";
          if (file) void bring(file);
        }}
      />
      {refused.value && !brought.value && <p class="bad" role="alert">{refused.value}</p>}
    </div>
  );
}

export function Paste() {
  const text = useSignal("");
  const close = () => (shown.value = null);
  return (
    <Dialog label="Paste a script" onClose={close} wide>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          close();
          void bringText(text.value);
        }}
      >
        <h2>Paste a script</h2>
        <label class="field">
          <span>As Fountain has it: a heading like <code>INT. KITCHEN - NIGHT</code>, what is seen, names in capitals over what they say.</span>
          <textarea class="script-text" rows={16} required value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
        </label>
        <div class="ends">
          <Button onClick={close}>Leave it</Button>
          <Button type="submit" kind="primary">Read it</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** A script that is dropped anywhere on the page is read; no other file that misses its place takes the page away. */
export function beginDrops(): void {
  document.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (event.defaultPrevented) return;
    const [file] = filesOf(event.dataTransfer);
    if (!file) return;
    event.preventDefault();
    if (!looksLikeScript(file)) return problem(`${file.name} is no script: ${ENDINGS.join(", ")} are read here.`);
    if (view.value !== "film") showFilm();
    void bring(file);
  });
}
