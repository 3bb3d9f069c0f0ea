// Written by `make docs` from the service's schemas; change them there.

export const PROTOCOL_VERSION = 1;

/** The body of a request for several tasks, that are accepted all or none. */
export interface BatchRequest {
  requests: NamedRequest[];
}

/** Asks for a task to stop. */
export interface CancelMessage {
  id?: string | undefined;
  /** If present, the project of the path. */
  project_id?: string | null | undefined;
  timestamp?: string | null | undefined;
  type: "cancel";
  task_id: string;
}

/** Removes the project, when none of its tasks is open; `project_id` must be said once more. */
export interface DeleteProjectMessage {
  id?: string | undefined;
  project_id: string;
  timestamp?: string | null | undefined;
  type: "delete_project";
}

/** Removes an ended task, record and files. */
export interface DeleteTaskMessage {
  id?: string | undefined;
  /** If present, the project of the path. */
  project_id?: string | null | undefined;
  timestamp?: string | null | undefined;
  type: "delete_task";
  task_id: string;
}

/** The body of a request for a task, as HTTP takes it and as `StartGenerationMessage` carries it. */
export interface GenerationRequest {
  task_type: string;
  /**
   * As the task type's schema has them. An input may also be an https: or a data: url. Texts may have line breaks
   * and tabs; no text holds another control character, a surrogate or a code point of no character.
   */
  params: Record<string, unknown>;
  quality?: string | null | undefined;
  /** The shot that it is a take of: one line, of printable characters. */
  shot?: string | null | undefined;
  /** The engine that shall make it; the first that is up. */
  engine?: string | null | undefined;
  /** Flat; comes back on every event. A name is one line; texts may have line breaks and tabs. */
  metadata?: Record<string, MetadataValue> | undefined;
  /** Who shall hear of its ending, beside all others. */
  webhook?: TaskWebhookRequest | null | undefined;
}

/** Marks a task, or takes a mark back. */
export interface MarkMessage {
  /** Whether it is a favourite. */
  favourite?: boolean | null | undefined;
  /** Whether it is the chosen take of its shot; no other is then. */
  circled?: boolean | null | undefined;
  id?: string | undefined;
  /** If present, the project of the path. */
  project_id?: string | null | undefined;
  timestamp?: string | null | undefined;
  type: "mark";
  task_id: string;
}

/** What a person may mark on a task; what is left out stays as it is. */
export interface Marks {
  /** Whether it is a favourite. */
  favourite?: boolean | null | undefined;
  /** Whether it is the chosen take of its shot; no other is then. */
  circled?: boolean | null | undefined;
}

export type MetadataValue = string | number | boolean | null;

/**
 * A request in a batch. Inputs of the others may name its output by its `name`, before it has an id: `{"from_task":
 * "#name"}`.
 */
export interface NamedRequest {
  task_type: string;
  /**
   * As the task type's schema has them. An input may also be an https: or a data: url. Texts may have line breaks
   * and tabs; no text holds another control character, a surrogate or a code point of no character.
   */
  params: Record<string, unknown>;
  quality?: string | null | undefined;
  /** The shot that it is a take of: one line, of printable characters. */
  shot?: string | null | undefined;
  /** The engine that shall make it; the first that is up. */
  engine?: string | null | undefined;
  /** Flat; comes back on every event. A name is one line; texts may have line breaks and tabs. */
  metadata?: Record<string, MetadataValue> | undefined;
  /** Who shall hear of its ending, beside all others. */
  webhook?: TaskWebhookRequest | null | undefined;
  name?: string | null | undefined;
}

/** Asks for a `PongMessage`. */
export interface PingMessage {
  id?: string | undefined;
  /** If present, the project of the path. */
  project_id?: string | null | undefined;
  timestamp?: string | null | undefined;
  type: "ping";
}

/** Makes a take again, as a task of its own. `id` is the idempotency key. */
export interface PromoteMessage {
  quality?: string | null | undefined;
  /** The engine; else the take's own. */
  engine?: string | null | undefined;
  /** Else the take's own. */
  task_type?: string | null | undefined;
  /** What shall differ; null for what is left out. */
  params?: Record<string, unknown> | undefined;
  /** Else the take's own. */
  shot?: string | null | undefined;
  /** Flat; comes back on every event. A name is one line; texts may have line breaks and tabs. */
  metadata?: Record<string, MetadataValue> | undefined;
  id?: string | undefined;
  /** If present, the project of the path. */
  project_id?: string | null | undefined;
  timestamp?: string | null | undefined;
  type: "promote";
  task_id: string;
}

/**
 * How a take shall be made again, as HTTP takes it and as `PromoteMessage` carries it. Without any of it, at the
 * next higher quality.
 */
export interface PromotionRequest {
  quality?: string | null | undefined;
  /** The engine; else the take's own. */
  engine?: string | null | undefined;
  /** Else the take's own. */
  task_type?: string | null | undefined;
  /** What shall differ; null for what is left out. */
  params?: Record<string, unknown> | undefined;
  /** Else the take's own. */
  shot?: string | null | undefined;
  /** Flat; comes back on every event. A name is one line; texts may have line breaks and tabs. */
  metadata?: Record<string, MetadataValue> | undefined;
}

/**
 * Asks for several tasks, that are accepted all or none. `id` is the idempotency key of the whole. The message may
 * have 64 KiB like any other; a larger batch goes to `POST /api/v1/projects/{project_id}/batches`.
 */
export interface StartBatchMessage {
  requests: NamedRequest[];
  id?: string | undefined;
  /** If present, the project of the path. */
  project_id?: string | null | undefined;
  timestamp?: string | null | undefined;
  type: "start_batch";
}

/** Asks for a task. `id` is the idempotency key: the same id and body again is the same task. */
export interface StartGenerationMessage {
  task_type: string;
  /**
   * As the task type's schema has them. An input may also be an https: or a data: url. Texts may have line breaks
   * and tabs; no text holds another control character, a surrogate or a code point of no character.
   */
  params: Record<string, unknown>;
  quality?: string | null | undefined;
  /** The shot that it is a take of: one line, of printable characters. */
  shot?: string | null | undefined;
  /** The engine that shall make it; the first that is up. */
  engine?: string | null | undefined;
  /** Flat; comes back on every event. A name is one line; texts may have line breaks and tabs. */
  metadata?: Record<string, MetadataValue> | undefined;
  /** Who shall hear of its ending, beside all others. */
  webhook?: TaskWebhookRequest | null | undefined;
  id?: string | undefined;
  /** If present, the project of the path. */
  project_id?: string | null | undefined;
  timestamp?: string | null | undefined;
  type: "start_generation";
}

/** Who shall hear of the task's ending, and the secret that the message is signed with. Neither is shown again. */
export interface TaskWebhookRequest {
  /** As of a project's webhook. */
  url: string;
  /** `whsec_` and the base64 of 24 to 64 random bytes. */
  secret: string;
}

/**
 * A file that a task made; the first of a result is the one that was asked for. `kind`: `image`, `video`, `audio`,
 * `control` (a control pass), `data` or `file`. `path` is relative to the workspace, `url` to the host that was
 * asked.
 */
export interface ArtifactView {
  name: string;
  kind: string;
  url: string;
  path: string;
  media_type: string;
  size_bytes: number;
  sha256: string;
  width_px: number | null;
  height_px: number | null;
  duration_s: number | null;
  fps: number | null;
}

/**
 * The answer to `StartBatchMessage`, to who asked: the tasks in the order of the requests, and those that have a
 * name by it. That each was accepted is told to everybody by its `TaskStartedMessage`, whose `reply_to` is the
 * same.
 */
export interface BatchStartedMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "batch_started";
  reply_to: string;
  task_ids: string[];
  names: Record<string, string>;
  repeated: boolean;
}

/**
 * The tasks of a batch in the order of its requests, as they stand, and the ids of those that have a name by it.
 */
export interface BatchView {
  tasks: TaskView[];
  names: Record<string, string>;
}

/** Somebody who is in shots: the same height, build and colours in each. */
export interface CastBody {
  /** As prompts say the name; else as it is kept. */
  called: string;
  build?: "slight" | "average" | "sturdy" | "heavy" | null;
  height_m?: number | null;
  /** Colours, the upper body first. */
  costume?: string[];
  hair?: string | null;
  /** Paths or urls of pictures here. */
  references?: string[];
  notes: string;
}

/** A page of cast members by name. */
export interface CastListView {
  cast: CastView[];
  next: string | null;
}

/** A cast member as it is kept. */
export interface CastView {
  name: string;
  version: number;
  /** For If-Match. */
  etag: string;
  updated_at: string;
  /** As prompts say the name; else as it is kept. */
  called?: string;
  build?: "slight" | "average" | "sturdy" | "heavy" | null;
  height_m?: number | null;
  /** Colours, the upper body first. */
  costume?: string[];
  hair?: string | null;
  /** Paths or urls of pictures here. */
  references?: string[];
  notes?: string;
}

/** Each part of the service in a word. */
export interface ChecksView {
  database: "ok" | "unavailable" | "not_used";
  redis: "ok" | "unavailable" | "not_used";
  workspace: "ok" | "unavailable" | "not_used";
  api: "ok" | "stopping";
  workers: "ok" | "unavailable" | "not_used";
}

/** An ending: the result is there. `duration`: seconds of running. */
export interface CompleteMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "complete";
  task_id: string;
  result: ResultView;
  duration: number;
  metadata: Record<string, unknown>;
}

/**
 * The first message, and again when history was lost: then `state` replaces all that the client knew. `recovered`:
 * everything after the client's position follows, and `state` is left out.
 */
export interface ConnectedMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "connected";
  recovered: boolean;
  protocol: number;
  state?: ProjectView;
}

/** `not_checked`: shots without a take, or of no scene, or whose take does not say where its camera was. */
export interface ContinuityView {
  name: string;
  findings: FindingView[];
  not_checked: string[];
}

/** How many tasks stand where. `size_bytes`: what their files take. */
export interface CountsView {
  blocked: number;
  queued: number;
  running: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  size_bytes: number;
}

/** A page of dead letters, the newest first. `next`: the cursor of the next page. */
export interface DeadLetterListView {
  dead_letters: DeadLetterView[];
  next?: string | null;
}

/**
 * A message that was given up. `delivery_id`: its `webhook-id`; `occurred_at`: when the task ended; `reason`: what
 * was wrong at the last attempt.
 */
export interface DeadLetterView {
  delivery_id: string;
  webhook_id: string;
  task_id: string;
  type: "task.succeeded" | "task.failed" | "task.cancelled";
  occurred_at: string;
  died_at: string;
  attempts: number;
  reason: string;
}

/** One of the engines that make a task type, and whether it can work now. */
export interface EngineOfferView {
  engine: string;
  summary: string;
  params_schema: Record<string, unknown>;
  inputs: TaskInputView[];
  controls: string[];
  qualities: Record<string, PresetView>;
  up: boolean;
  reason: string;
}

/**
 * An engine with what it makes. `up`: whether it can work now; `reason`: why not, empty where it can or where that
 * is not for who asks.
 */
export interface EngineStatusView {
  engine: string;
  task_types: string[];
  up: boolean;
  reason: string;
}

/** What is wrong: a stable code for programs, a sentence for people. */
export interface ErrorDetail {
  code: string;
  message: string;
  details: Record<string, unknown>;
}

/** With `task_id`: the other ending. Without: an answer to a message that could not be used. */
export interface ErrorMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "error";
  task_id?: string;
  reply_to?: string;
  error_code: string;
  message: string;
  details?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

/** The shape of every HTTP error. */
export interface ErrorView {
  error: ErrorDetail;
  request_id: string;
  timestamp: string;
}

/** What to hand over of a film. Each is a task of its own, and waits for the takes that are still being made. */
export interface ExportRequest {
  /** Task types, each once. */
  make?: ("film_board" | "film_contact_sheet" | "film_shot_list" | "film_animatic" | "film_cut" | "film_cameras" | "film_keyframes" | "film_plans" | "film_continuity")[];
  /** By task type, what differs from its defaults. */
  params?: Record<string, Record<string, unknown>>;
  /** Only these, by number. */
  scenes?: string[] | null;
  /** Of the animatic. */
  quality?: string | null;
}

/** `tasks`: by task type, its id. */
export interface ExportsView {
  name: string;
  tasks: Record<string, string>;
}

/** A part that cannot be used. `code` is stable, for programs; `cause` is for people. */
export interface FailingView {
  part: string;
  code: string;
  cause: string;
}

/** Why a task ended badly. */
export interface FailureView {
  code: string;
  message: string;
  details: Record<string, unknown>;
}

/** A film: its shots in the order of the cut. */
export interface FilmBody {
  title?: string | null;
  /** The script's file. */
  source: string;
  /** Frames a second. */
  rate: "23.976" | "24" | "25" | "29.97" | "30";
  quality?: string | null;
  task_type: string;
  params?: Record<string, unknown>;
  shots?: ShotBody[];
  removed?: string[];
}

/** A film in a list. */
export interface FilmHeadView {
  name: string;
  version: number;
  /** For If-Match. */
  etag: string;
  updated_at: string;
  title: string | null;
  source: string;
  rate: string;
  shots: number;
  frames: number;
}

/** A page of films by name. */
export interface FilmListView {
  films: FilmHeadView[];
  next: string | null;
}

/**
 * What was read of the script, and what becomes of its shots. `tasks`: by shot, the takes that are made now; after
 * a dry run none. `make`: which shots get one. `sets` and `cast`: those that are new in the project.
 */
export interface FilmMadeView {
  name: string;
  title: string | null;
  rate: string;
  /** Of the film; null after a dry run. */
  version: number | null;
  shots: ShotBody[];
  make: string[];
  kept: string[];
  changed: string[];
  added: string[];
  removed: string[];
  tasks: Record<string, string>;
  sets: string[];
  cast: string[];
  warnings: string[];
}

/** A script to make a film of: Fountain, Final Draft's FDX, or a shot list as CSV or TSV. */
export interface FilmRequest {
  /** Of the film: the same again brings it up to date. */
  name: string;
  /** The file's name: its ending says what it is; else its content. */
  file: string;
  /** Its text. */
  script?: string | null;
  /** Or its bytes, in whatever encoding they are. */
  script_base64?: string | null;
  /** Or the path or url of an upload or result of the project. */
  script_file?: string | null;
  /** Frames a second. */
  rate: "23.976" | "24" | "25" | "29.97" | "30";
  /** As before, else the default. */
  quality?: string | null;
  task_type: string;
  engine?: string | null;
  /** For every shot, as aspect. */
  params?: Record<string, unknown>;
  /** Only these, by number. */
  scenes?: string[] | null;
  /** Every shot, not only those that look otherwise. */
  remake: boolean;
  /** Only say what was read, and what would be made. */
  dry_run: boolean;
}

/** A film as it is kept. */
export interface FilmView {
  name: string;
  version: number;
  /** For If-Match. */
  etag: string;
  updated_at: string;
  title?: string | null;
  /** The script's file. */
  source?: string;
  /** Frames a second. */
  rate?: "23.976" | "24" | "25" | "29.97" | "30";
  quality?: string | null;
  task_type?: string;
  params?: Record<string, unknown>;
  shots?: ShotBody[];
  removed?: string[];
}

/**
 * What two shots of a scene do to each other: a warning. `kind`: `line` (180 degrees), `thirty_degrees`, `eyeline`,
 * `screen_direction` or `sizes`; `second` comes after `first` in the cut.
 */
export interface FindingView {
  kind: "line" | "thirty_degrees" | "eyeline" | "screen_direction" | "sizes";
  scene: string;
  first: string;
  second: string;
  reason: string;
}

/** `may` do this with projects whose id fits one of the patterns. */
export interface GrantView {
  projects: string[];
  may: string[];
}

/** How the service is. `failing`: why a task cannot be accepted now; `notes`: what else a person should know. */
export interface HealthView {
  status: "healthy" | "unhealthy";
  timestamp: string;
  service: string;
  version: string;
  access: "anonymous" | "token" | "unknown";
  checks: ChecksView;
  engines: EngineStatusView[];
  failing: FailingView[];
  notes: FailingView[];
}

/**
 * What this service is. Who has not signed in where that is needed is told the first five; the rest is left out
 * then. `workers` is null while it cannot be known.
 */
export interface InfoView {
  name: string;
  version: string;
  protocol_version: number;
  access: "anonymous" | "token" | "unknown";
  links: LinksView;
  task_types?: string[] | null;
  engines?: string[] | null;
  engine_status?: EngineStatusView[] | null;
  qualities?: string[] | null;
  default_quality?: string | null;
  workers?: WorkersView | null;
  limits?: LimitsView | null;
}

/** What the service holds its callers to. */
export interface LimitsView {
  max_concurrent_tasks: number;
  max_queued_per_project: number;
  max_queued: number;
  max_body_bytes: number;
  max_upload_bytes: number;
  ws_messages_per_second: number;
  history_events: number;
}

/**
 * The takes that a task was made of, and those that were made of it: the first of all, then what was made of each.
 * `gone`: those that were deleted. `partial`: there may be more.
 */
export interface LineageView {
  task_id: string;
  tasks: RelativeView[];
  gone: string[];
  partial: boolean;
}

/** Where more is read: paths on the host that was asked. */
export interface LinksView {
  documentation: string;
  openapi: string;
  asyncapi: string;
  session: string;
}

/** The process answers. */
export interface LivenessView {
  status: "alive";
}

/** Each event of the stream. */
export interface LogEvent {
  /** The position; give it as Last-Event-ID to go on behind it. */
  id: string;
  /** The message of the socket, as `/api/async` describes it. */
  data: string;
}

/** The answer to `PingMessage`. */
export interface PongMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "pong";
  reply_to: string;
}

/**
 * What a quality means for a task type: the parameters that it fills in, the lane that the task goes by, and for
 * how long it may run.
 */
export interface PresetView {
  parameters: Record<string, unknown>;
  lane: string;
  timeout_s: number;
}

/** Who asks. `expires_at`: when what they came with ends by itself. */
export interface PrincipalView {
  id: string;
  name: string;
  grants: GrantView[];
  expires_at: string | null;
}

/**
 * How far the task is. `progress` 0.0 says that a worker started it or, with stage `queued`, that it waits for a
 * worker: again, or now that the outputs of other tasks are there.
 */
export interface ProgressMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "progress";
  task_id: string;
  progress: number;
  attempt: number;
  message?: string;
  preview_url?: string;
  stage?: string;
  eta_s?: number;
  metadata: Record<string, unknown>;
}

/** The project is gone; the socket closes with 4410, and nothing of the project follows. */
export interface ProjectDeletedMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "project_deleted";
}

/** A page of projects, the one active last first. `next`: the cursor of the next page, null at the end. */
export interface ProjectListView {
  projects: ProjectSummaryView[];
  next: string | null;
}

/** A project in a list. `active_at`: when a task was last accepted or ended. */
export interface ProjectSummaryView {
  project_id: string;
  counts: CountsView;
  active_at: string;
  poster: ArtifactView | null;
}

/**
 * A project at a position: its open tasks in the order of acceptance, then the newest ended ones, newest first; as
 * many as there is room for. `next`: the cursor for the rest, for `GET …/tasks`; null if this is all.
 */
export interface ProjectView {
  project_id: string;
  position: string;
  counts: CountsView;
  tasks: TaskView[];
  next: string | null;
}

/** The qualities by name. `default`: of a request that names none. */
export interface QualityListView {
  default: string;
  qualities: Record<string, QualityView>;
}

/** A quality: its preset, and what that means for each task type. */
export interface QualityView {
  preset: Record<string, unknown>;
  task_types: Record<string, PresetView>;
}

/**
 * Places in the queue that have changed, and when these tasks may start; of waiting tasks that it does not name
 * nothing is said. `waiting`: how many tasks of the project wait for a worker in all; none may be named where only
 * that has changed. Told soon after the greeting while anything waits, then when something changes, at most once a
 * second. The first 20 places are told exactly, those behind when they have moved by ten, and beyond the 200th by a
 * hundred; a start, when it has moved by a quarter. It is no event of the log: it has no position, is never told
 * again to who comes back, and a later one replaces what it says. It never comes before the event that made it so.
 */
export interface QueueMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "queue";
  waiting: number;
  tasks: QueuePlace[];
}

/**
 * Where a waiting task stands. `queue_position`: its place among the waiting tasks of its project, 1 is next, as
 * `TaskView` has it. `starts_in_s`: in how many seconds from `timestamp` it starts, about; left out where nobody
 * can say: nothing like it was made yet, no worker for it is at work, its engine is down.
 */
export interface QueuePlace {
  task_id: string;
  queue_position: number;
  starts_in_s?: number;
}

/** Whether a task would be accepted now, and each part that keeps it from that. */
export interface ReadinessView {
  status: "ready" | "not_ready";
  failing: FailingView[];
}

/** A take in a lineage: enough to show it, and where the rest is read. */
export interface RelativeView {
  task_id: string;
  task_type: string;
  quality: string;
  engine: string | null;
  status: string;
  shot: string | null;
  take: number | null;
  seed: number | null;
  promoted_from: string | null;
  promoted_to: string[];
  queued_at: string;
  poster: ArtifactView | null;
}

/** How many messages wait again. */
export interface ReplayView {
  replayed: number;
}

/**
 * What a task made, one shape for every engine. `params` are effective: send them again, get it again. `routing`:
 * why this engine made it; null for what was made before there was a choice.
 */
export interface ResultView {
  engine: string;
  artifacts: ArtifactView[];
  params: Record<string, unknown>;
  seed: number | null;
  metrics: Record<string, unknown>;
  understood: Record<string, unknown>;
  routing?: RoutingView | null;
}

/**
 * Why just this engine. `passed_over`: engines that came before it, each with why it was not taken; `left_out`:
 * parameters of the caller's own that it does not take.
 */
export interface RoutingView {
  reason: "only" | "asked" | "first" | "next" | "fallback";
  message: string;
  passed_over: Record<string, string>;
  left_out: string[];
}

/** The same with its new `secret`, which is shown this once. */
export interface SecretWebhookView {
  webhook_id: string;
  project_id: string;
  url: string;
  types: ("task.succeeded" | "task.failed" | "task.cancelled")[];
  description: string;
  enabled: boolean;
  disabled?: "asked" | "gone" | null;
  created_at: string;
  /** `whsec_…`, as libraries for Standard Webhooks take it. */
  secret: string;
}

/**
 * `access`: `token` where whoever asks must say who they are, `anonymous` where nobody has to. `principal`: who
 * asks; null where that is nobody yet.
 */
export interface SessionView {
  access: "anonymous" | "token" | "unknown";
  principal: PrincipalView | null;
}

/** A place that shots share, so that another angle of it is the same room. What is left out, each shot says. */
export interface SetBody {
  /** In the words of a heading. */
  place: string;
  /** What stands where, in the words of a shot. */
  layout: string;
  /** Time of day. */
  time: string;
  weather: string;
  light?: string[];
  /** Of all that is built of it; a shot's own goes first. */
  seed?: number | null;
  notes: string;
}

/** A page of sets by name. `next`: for `cursor`, null at the end. */
export interface SetListView {
  sets: SetView[];
  next: string | null;
}

/** A set as it is kept. */
export interface SetView {
  name: string;
  version: number;
  /** For If-Match. */
  etag: string;
  updated_at: string;
  /** In the words of a heading. */
  place?: string;
  /** What stands where, in the words of a shot. */
  layout?: string;
  /** Time of day. */
  time?: string;
  weather?: string;
  light?: string[];
  /** Of all that is built of it; a shot's own goes first. */
  seed?: number | null;
  notes?: string;
}

/** A shot of a film. Whoever sets `frames` sets `by_hand`, too: then a changed script leaves them. */
export interface ShotBody {
  name: string;
  prompt: string;
  scene?: string | null;
  heading?: string | null;
  line?: number | null;
  page?: number | null;
  action: string;
  speeches?: SpeechBody[];
  notes?: string[];
  cast?: string[];
  set_name?: string | null;
  frames: number;
  dissolve_frames: number;
  by_hand: boolean;
  /** Its take. */
  task_id?: string | null;
}

/** A page of shots by name. `next`: the cursor of the next page, null at the end. */
export interface ShotListView {
  shots: ShotView[];
  next: string | null;
}

/** A shot. `takes`: how many there are; `last_take`: the highest number given. */
export interface ShotView {
  shot: string;
  takes: number;
  last_take: number;
  circled_task_id: string | null;
  circled_take: number | null;
  poster: ArtifactView | null;
}

/** What somebody says in a shot. */
export interface SpeechBody {
  character: string;
  text: string;
  extension?: string | null;
}

/**
 * The task is gone, record and files. `reason`: `asked`, or the rule: `age`, `count`, `bytes`. With `reply_to`: an
 * answer to who asked for what was so already.
 */
export interface TaskDeletedMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "task_deleted";
  task_id: string;
  reply_to?: string;
  reason: string;
  metadata: Record<string, unknown>;
}

/** A task that was made before is known again. */
export interface TaskImportedMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "task_imported";
  task_id: string;
  task: TaskView;
  metadata: Record<string, unknown>;
}

/**
 * A parameter that names a file of the project. `control`: the control pass that it takes; null where it takes any
 * picture. `many`: it is a list of such files.
 */
export interface TaskInputView {
  name: string;
  kind: string;
  control: string | null;
  many: boolean;
}

/**
 * A page of tasks. `next`: the cursor of the next page, null at the end. `partial`: the search stopped before the
 * page was full; go on with `next`.
 */
export interface TaskListView {
  tasks: TaskView[];
  next: string | null;
  partial?: boolean;
}

/**
 * Somebody marked the task, or took a mark back. When `circled` is true, no other take of the shot is circled any
 * more. What is left out stays as it was. With `reply_to`: an answer to who asked for what was so already.
 */
export interface TaskMarkedMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "task_marked";
  task_id: string;
  reply_to?: string;
  favourite?: boolean;
  circled?: boolean;
  shot?: string;
  take?: number;
  metadata: Record<string, unknown>;
}

/**
 * Another task was made of it: the same shot at another quality, or by another engine. `promoted_to`: that task,
 * which its own `task_started` tells of.
 */
export interface TaskPromotedMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "task_promoted";
  task_id: string;
  promoted_to: string;
  metadata: Record<string, unknown>;
}

/**
 * The task was accepted and waits. `reply_to`: the id of the message that asked for it. `notice`: that its engine
 * was down then, or that no worker for it was at work. `waits_for`: the tasks whose outputs it needs; it is blocked
 * until all are there, and its `queue_position` is 0. `promoted_from`: the task that it was made of.
 */
export interface TaskStartedMessage {
  id: string;
  project_id: string;
  timestamp: string;
  position?: string;
  type: "task_started";
  task_id: string;
  reply_to: string;
  task_type: string;
  quality: string;
  engine?: string;
  params: Record<string, unknown>;
  origins: Record<string, string>;
  queue_position: number;
  shot?: string;
  take?: number;
  notice?: string;
  waits_for?: string[];
  promoted_from?: string;
  metadata: Record<string, unknown>;
}

/** Where a task stands. */
export type TaskStatus = "blocked" | "queued" | "running" | "succeeded" | "failed" | "cancelled";

/** Everything that can be asked for. */
export interface TaskTypeListView {
  task_types: TaskTypeView[];
}

/** A task type, as the first of its engines makes it; and all of them, in the order in which they are asked. */
export interface TaskTypeView {
  engine: string;
  summary: string;
  params_schema: Record<string, unknown>;
  inputs: TaskInputView[];
  controls: string[];
  qualities: Record<string, PresetView>;
  name: string;
  engines: EngineOfferView[];
}

/** A task, wherever it is read. `notice`: as when it was accepted, that its engine was down or nobody had it. */
export interface TaskView {
  task_id: string;
  project_id: string;
  task_type: string;
  quality: string;
  engine?: string | null;
  status: "blocked" | "queued" | "running" | "succeeded" | "failed" | "cancelled";
  progress: number;
  stage: string | null;
  message: string | null;
  preview_url: string | null;
  params: Record<string, unknown>;
  origins: Record<string, string>;
  metadata: Record<string, unknown>;
  shot: string | null;
  take: number | null;
  favourite: boolean;
  circled: boolean;
  attempt: number;
  queue_position: number | null;
  notice?: string | null;
  /** While it is blocked, the tasks whose outputs it waits for. */
  waits_for: string[];
  /** The task that it was made of; it may be gone. */
  promoted_from: string | null;
  /** The newest tasks that were made of it. */
  promoted_to: string[];
  cancel_requested: boolean;
  queued_at: string;
  started_at: string | null;
  ended_at: string | null;
  result: ResultView | null;
  error: FailureView | null;
}

/** `ticket` opens one socket, once, within `expires_in_s`: offer `protocols` to it, as they stand. */
export interface TicketView {
  ticket: string;
  protocols: string[];
  expires_in_s: number;
}

/**
 * A picture, a sound or a script that was taken in, its bytes as they were sent. Give `path` or `url` as
 * `source_image`, as `audio`, or as a film's `script_file`. A sound or a script is 0 pixels wide and high.
 */
export interface UploadView {
  path: string;
  url: string;
  media_type: string;
  width_px: number;
  height_px: number;
  size_bytes: number;
  sha256: string;
}

/** The body of a request for a webhook. */
export interface WebhookCreation {
  /** An https: url, without user and fragment; of a public host at port 443, unless the operator lists it. */
  url: string;
  /** What it hears of; all, if left out. */
  types?: ("task.succeeded" | "task.failed" | "task.cancelled")[];
  /** One line, for people. */
  description: string;
}

/** A project's webhooks, the oldest first. */
export interface WebhookListView {
  webhooks: WebhookView[];
}

/** What of a webhook shall differ; what is left out stays. */
export interface WebhookPatch {
  /** An https: url, without user and fragment; of a public host at port 443, unless the operator lists it. */
  url?: string | null;
  types?: ("task.succeeded" | "task.failed" | "task.cancelled")[] | null;
  description?: string | null;
  /** What waits for one that is disabled becomes dead letters. */
  enabled?: boolean | null;
}

/** A webhook. `disabled`: why it hears nothing: `asked`, or `gone`, its receiver answered 410. */
export interface WebhookView {
  webhook_id: string;
  project_id: string;
  url: string;
  types: ("task.succeeded" | "task.failed" | "task.cancelled")[];
  description: string;
  enabled: boolean;
  disabled?: "asked" | "gone" | null;
  created_at: string;
}

/** Who is at work, with how many places in all, and for which task types nobody is. */
export interface WorkersView {
  present: number;
  slots: number;
  unserved_task_types: string[];
}

/** Whatever clients say. */
export type ClientMessage =
  | StartGenerationMessage
  | StartBatchMessage
  | PromoteMessage
  | CancelMessage
  | MarkMessage
  | DeleteTaskMessage
  | DeleteProjectMessage
  | PingMessage;

/** Whatever clients hear. */
export type ServerMessage =
  | ConnectedMessage
  | TaskStartedMessage
  | BatchStartedMessage
  | ProgressMessage
  | QueueMessage
  | CompleteMessage
  | ErrorMessage
  | TaskMarkedMessage
  | TaskPromotedMessage
  | TaskDeletedMessage
  | TaskImportedMessage
  | ProjectDeletedMessage
  | PongMessage;

export const TASK_NULLS = ["stage", "message", "preview_url", "shot", "take", "queue_position", "promoted_from", "started_at", "ended_at", "result", "error"] as const;
export const RESULT_NULLS = ["seed"] as const;
export const ARTIFACT_NULLS = ["width_px", "height_px", "duration_s", "fps"] as const;
