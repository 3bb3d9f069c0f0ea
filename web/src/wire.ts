// The wire, as docs/protocol.md tells of it: what the page reads of it.

export type Status = "blocked" | "queued" | "running" | "succeeded" | "failed" | "cancelled";
export type Params = Record<string, unknown>;
export type Metadata = Record<string, string | number | boolean | null>;

export interface Artifact {
  name: string;
  kind: "image" | "video" | "audio" | "control" | "data" | "file";
  url: string;
  path: string;
  media_type: string;
  size_bytes: number;
  sha256: string;
  width_px?: number | null;
  height_px?: number | null;
  duration_s?: number | null;
  fps?: number | null;
}

export interface Routing {
  reason: "only" | "asked" | "first" | "next" | "fallback";
  message: string;
  passed_over: Record<string, string>;
  left_out: string[];
}

export interface Result {
  engine: string;
  artifacts: Artifact[];
  params: Params;
  seed: number | null;
  metrics: Record<string, unknown>;
  understood: Record<string, unknown>;
  routing?: Routing | null;
}

export interface Failure {
  code: string;
  message: string;
  details?: Record<string, unknown>;
}

export interface Task {
  task_id: string;
  project_id: string;
  task_type: string;
  quality: string;
  engine?: string | null;
  status: Status;
  progress: number;
  stage?: string | null;
  message?: string | null;
  preview_url?: string | null;
  params: Params;
  origins?: Record<string, string>;
  metadata: Metadata;
  shot?: string | null;
  take?: number | null;
  favourite: boolean;
  circled: boolean;
  attempt: number;
  queue_position?: number | null;
  notice?: string | null;
  waits_for: string[];
  promoted_from?: string | null;
  promoted_to: string[];
  cancel_requested?: boolean;
  queued_at: string;
  started_at?: string | null;
  ended_at?: string | null;
  result?: Result | null;
  error?: Failure | null;
  /** Seconds that are left, while it runs: told by progress only. */
  eta_s?: number | null;
  /** Seconds until it starts, while it waits: told by `queue` only. */
  starts_in_s?: number | null;
  /** Who asked for it in one go asked with one id: told by `task_started` only. */
  reply_to?: string;
}

export interface Counts {
  blocked: number;
  queued: number;
  running: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  size_bytes: number;
}

export interface ProjectState {
  project_id: string;
  position: string;
  counts: Counts;
  tasks: Task[];
  next: string | null;
}

export interface ProjectSummary {
  project_id: string;
  counts: Counts;
  active_at: string;
  poster: Artifact | null;
}

export interface Shot {
  shot: string;
  takes: number;
  last_take: number;
  circled_task_id: string | null;
  circled_take: number | null;
  poster: Artifact | null;
}

export interface Page {
  tasks: Task[];
  next: string | null;
  partial?: boolean;
}

/** A JSON Schema, as far as a form needs it. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  examples?: unknown[];
}

export interface Preset {
  parameters: Params;
  lane: string;
  timeout_s: number;
}

export interface Engine {
  engine: string;
  summary: string;
  params_schema: Schema;
  inputs: { name: string; [about: string]: unknown }[];
  controls: string[];
  qualities: Record<string, Preset>;
  up: boolean;
  reason: string;
}

export interface TaskType extends Omit<Engine, "up" | "reason"> {
  name: string;
  engines: Engine[];
}

export interface GenerationRequest {
  task_type: string;
  params: Params;
  quality?: string;
  shot?: string;
  engine?: string;
  metadata?: Metadata;
}

export interface Principal {
  id: string;
  name: string;
  [about: string]: unknown;
}

export interface Session {
  access: "token" | "anonymous" | "unknown";
  principal: Principal | null;
}

/** What is heard, the fields that the page reads; others are let pass. */
export interface Heard {
  type: string;
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  task_id?: string;
  reply_to?: string;
  [field: string]: unknown;
}
