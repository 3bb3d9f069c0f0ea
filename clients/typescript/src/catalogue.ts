/** What can be asked for, as the service tells of it. */

export interface InputView {
  name: string;
  kind: string;
  control: string | null;
  many: boolean;
}

export interface PresetView {
  parameters: Record<string, unknown>;
  lane: string;
  timeout_s: number;
}

export interface EngineWay {
  engine: string;
  summary: string;
  /** JSON Schema of the parameters. */
  params_schema: Record<string, unknown>;
  inputs: InputView[];
  controls: string[];
  qualities: Record<string, PresetView>;
}

export interface TaskTypeView extends EngineWay {
  name: string;
  engines: (EngineWay & { up: boolean; reason: string })[];
}

export interface TaskTypeList {
  task_types: TaskTypeView[];
}

export interface QualityList {
  default: string;
  qualities: Record<string, { preset: Record<string, unknown>; task_types: Record<string, PresetView> }>;
}

/** Who has not signed in where that is needed is told the first five alone. */
export interface Info {
  name: string;
  version: string;
  protocol_version: number;
  access: "anonymous" | "token" | "unknown";
  links: Record<string, string>;
  task_types?: string[];
  engines?: string[];
  engine_status?: { engine: string; task_types: string[]; up: boolean; reason: string }[];
  qualities?: string[];
  default_quality?: string;
  workers?: { present: number; slots: number; unserved_task_types: string[] } | null;
  limits?: Record<string, number>;
}
