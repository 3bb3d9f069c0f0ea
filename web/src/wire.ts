// The wire, as the client's types have it, which are made of the interface's description; and what the page adds to them.
import type * as client from "@auteur/client";

export type Status = client.TaskStatus;
export type Params = Record<string, unknown>;
export type Metadata = Record<string, client.MetadataValue>;
export type Artifact = client.ArtifactView;
export type Routing = client.RoutingView;
export type Result = client.ResultView;
export type Failure = client.FailureView;
export type Counts = client.CountsView;
export type ProjectState = client.ProjectView;
export type ProjectSummary = client.ProjectSummaryView;
export type Shot = client.ShotView;
export type Preset = client.PresetView;
export type GenerationRequest = client.GenerationRequest;
export type Principal = client.PrincipalView;
export type Session = client.SessionView;
export type FilmHead = client.FilmHeadView;
export type FilmShot = client.ShotBody;
export type FilmRequest = client.FilmRequest;
export type FilmMade = client.FilmMadeView;
export type Finding = client.FindingView;
export type Continuity = client.ContinuityView;
export type Film = Required<client.FilmView>;

/** A task as the page keeps it: what was read of it, and what messages told since. */
export interface Task extends client.TaskView {
  /** Seconds that are left, while it runs: told by progress only. */
  eta_s?: number | null;
  /** Seconds until it starts, while it waits: told by `queue` only. */
  starts_in_s?: number | null;
  /** Who asked for it in one go asked with one id: told by `task_started` only. */
  reply_to?: string;
}

export interface Page extends Omit<client.TaskListView, "tasks"> {
  tasks: Task[];
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

export interface Engine extends Omit<client.EngineOfferView, "params_schema"> {
  params_schema: Schema;
}

export interface TaskType extends Omit<client.TaskTypeView, "params_schema" | "engines"> {
  params_schema: Schema;
  engines: Engine[];
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
