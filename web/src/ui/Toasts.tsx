// What was just done, and the way back. Nothing here is announced: endings alone are.
import { toasts, dismiss, undo } from "../state/notices";
import { Button } from "./Button";

export function Toasts() {
  return (
    <div class="toasts" role="region" aria-label="Messages">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.kind}`} {...(toast.kind === "problem" ? { role: "alert" } : {})}>
          <span>{toast.text}</span>
          {toast.undo && <Button kind="quiet" onClick={() => undo(toast.id)}>Undo</Button>}
          <Button kind="quiet" label="Dismiss" onClick={() => dismiss(toast.id)}>{"\u00d7"}</Button>
        </div>
      ))}
    </div>
  );
}
