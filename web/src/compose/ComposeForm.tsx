// The least form there can be: words, quality, shot. The real one takes its place.
import { useState } from "preact/hooks";
import type { ComposeProps } from "../contract";

export function ComposeForm({ qualities, defaultQuality, seed, onSubmit }: ComposeProps) {
  const [prompt, setPrompt] = useState(String(seed?.params?.["prompt"] ?? ""));
  const [quality, setQuality] = useState(seed?.quality ?? defaultQuality);
  const [shot, setShot] = useState(seed?.shot ?? "");
  const submit = (event: Event) => {
    event.preventDefault();
    void onSubmit({ task_type: "text_to_image", quality, params: { prompt }, ...(shot ? { shot } : {}) });
  };
  return (
    <form class="compose" onSubmit={submit}>
      <textarea aria-label="The shot in words" value={prompt} onInput={(e) => setPrompt(e.currentTarget.value)} />
      <label>quality <select value={quality} onChange={(e) => setQuality(e.currentTarget.value)}>
        {qualities.map((name) => <option key={name}>{name}</option>)}
      </select></label>
      <label>shot <input value={shot} onInput={(e) => setShot(e.currentTarget.value)} /></label>
      <button type="submit">Make the frame</button>
    </form>
  );
}
