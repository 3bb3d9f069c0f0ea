// What the shell and its two large parts, the form and the viewer, know of each other.
import type { GenerationRequest, Task, TaskType } from "./wire";

/** What a form begins with: all of a request that is known, or nothing. A new object begins the form again. */
export type ComposeSeed = Partial<GenerationRequest>;

export interface ComposeProps {
  types: readonly TaskType[];
  qualities: readonly string[];
  defaultQuality: string;
  /** For uploads: `POST api/v1/projects/{project}/uploads`. */
  project: string;
  seed?: ComposeSeed | undefined;
  /** Resolves when the service took it, rejects with what is wrong (`ApiError`, `details.problems` by field). */
  onSubmit: (request: GenerationRequest) => Promise<void>;
  /** Several variations, as one batch: all or none. Without it they are asked for one by one. */
  onSubmitAll?: ((requests: readonly GenerationRequest[]) => Promise<void>) | undefined;
  /** Lets the person choose a take on the board; null if they thought better of it. */
  pick: () => Promise<Task | null>;
}

export type TakeAction =
  | "again" // the same request in the form, to be changed
  | "same-seed" // the same, its seed kept, for another engine, type or shot
  | "promote"
  | "camera" // move a camera over it
  | "favourite"
  | "circle"
  | "delete"
  | "download"
  | "link"
  | "cancel";

export interface ViewerProps {
  /** In the order of the board. What changes while the viewer is open comes as a new list. */
  takes: readonly Task[];
  index: number;
  onClose: () => void;
  onAction: (action: TakeAction, take: Task) => void;
  /** The viewer shows another take now: the shell fetches more of them when the last is near. */
  onMove?: ((index: number) => void) | undefined;
  /** For the vocabulary that words of a prompt can be corrected with; without it they are only shown. */
  types?: readonly TaskType[] | undefined;
  /** A word of the prompt shall mean something else: the take again, so. Rejects with what is wrong. */
  onCorrect?: ((take: Task, request: GenerationRequest) => Promise<void>) | undefined;
}
