// Several frames in one go: a line each, or the requests as JSON.
import { useSignal } from "@preact/signals";
import { Dialog } from "../ui/Dialog";
import { Button } from "../ui/Button";
import { shown, submitBatch, timeNow } from "../state/actions";
import { defaultQuality, qualities } from "../state/catalogue";
import { ApiError } from "../state/net";
import type { GenerationRequest } from "../wire";

const close = () => (shown.value = null);

/** `12A: wide shot of a pier` is a take of shot 12A. JSON: a list of requests, or `{"requests": […]}`. */
export function read(text: string, quality: string): GenerationRequest[] {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) {
    const found = JSON.parse(trimmed) as GenerationRequest[] | { requests: GenerationRequest[] };
    return Array.isArray(found) ? found : found.requests;
  }
  const lines = trimmed.split("\n").map((line) => line.trim()).filter(Boolean);
  return lines.map((line) => {
    const [, shot, prompt = ""] = /^(?:([\w.-]{1,16}):\s+)?(.*)$/.exec(line) ?? [];
    return { task_type: "text_to_image", quality, params: { prompt }, ...(shot ? { shot } : {}) };
  });
}

export function BatchDialog() {
  const text = useSignal("");
  const name = useSignal(`Board ${timeNow()}`);
  const quality = useSignal(defaultQuality.value);
  const wrong = useSignal<readonly string[]>([]);
  const start = async (event: Event) => {
    event.preventDefault();
    try {
      await submitBatch(read(text.value, quality.value), name.value.trim() || undefined);
      close();
    } catch (error) {
      const problems = error instanceof ApiError ? (error.details["problems"] as { field: string; message: string }[] | undefined) : undefined;
      wrong.value = [error instanceof Error ? error.message : String(error), ...(problems ?? []).map((one) => `${one.field}: ${one.message}`)];
    }
  };
  return (
    <Dialog label="Several at once" onClose={close} wide>
      <form class="dialog-form" onSubmit={start}>
        <h2>Several at once</h2>
        <label class="field">
          <span>A frame a line; <code>12A: wide shot of a pier</code> is a take of shot 12A. Or requests as JSON.</span>
          <textarea rows={10} required value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
        </label>
        <div class="two">
          <label class="field"><span>Name</span><input value={name.value} maxLength={80} onInput={(event) => (name.value = event.currentTarget.value)} /></label>
          <label class="field">
            <span>Quality</span>
            <select value={quality.value} onChange={(event) => (quality.value = event.currentTarget.value)}>
              {qualities.value.map((one) => <option key={one} value={one}>{one}</option>)}
            </select>
          </label>
        </div>
        {wrong.value.length > 0 && <ul class="bad" role="alert">{wrong.value.slice(0, 12).map((one, index) => <li key={index}>{one}</li>)}</ul>}
        <p class="dim">All are accepted, or none.</p>
        <div class="ends">
          <Button onClick={close}>Leave it</Button>
          <Button type="submit" kind="primary">Make them</Button>
        </div>
      </form>
    </Dialog>
  );
}
