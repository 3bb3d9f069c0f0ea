// The least viewer there can be: the picture and a way back. The real one takes its place.
import type { ViewerProps } from "../contract";
import { Dialog } from "../ui/Dialog";
import { mainOf } from "../state/tasks";

export function Viewer({ takes, index, onClose }: ViewerProps) {
  const take = takes[index];
  const made = take && mainOf(take);
  return (
    <Dialog label="Viewer" onClose={onClose} wide>
      {made && (made.kind === "video" ? <video src={made.url} controls loop muted /> : <img src={made.url} alt={String(take.params["prompt"] ?? "")} />)}
    </Dialog>
  );
}
