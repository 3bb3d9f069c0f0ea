/** What is wrong, in one shape for every door: HTTP, the socket, and the line to them. */

export interface AuteurErrorInit {
  code: string;
  message: string;
  /** The HTTP status; 0 where there was no answer, or it was said on a socket. */
  status?: number | undefined;
  details?: Record<string, unknown> | undefined;
  requestId?: string | undefined;
  retryAfterS?: number | undefined;
  cause?: unknown;
}

/**
 * Every error of the service, by its stable `code` (docs/protocol.md lists them), and four of the client's own:
 * `NETWORK` (no answer came), `NOT_AUTEUR` (what answers is something else), `CLOSED` (the socket was closed here) and
 * `TOO_MANY_PENDING` (more waits for an answer than is kept).
 */
export class AuteurError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Record<string, unknown>;
  /** By which the operator finds the request in the service's log. */
  readonly requestId: string | undefined;
  /** When the same request may succeed, in seconds; undefined where the service did not say. */
  readonly retryAfterS: number | undefined;

  constructor(init: AuteurErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = "AuteurError";
    this.code = init.code;
    this.status = init.status ?? 0;
    this.details = init.details ?? {};
    this.requestId = init.requestId;
    const told = this.details["retry_after_s"];
    this.retryAfterS = init.retryAfterS ?? (typeof told === "number" ? told : undefined);
  }

  /** Whether the same request may succeed later, unchanged. */
  get temporary(): boolean {
    return TEMPORARY.has(this.code) || [408, 429, 502, 503, 504].includes(this.status);
  }
}

const TEMPORARY = new Set([
  "NETWORK", "LIMIT_EXCEEDED", "QUEUE_FULL", "RATE_LIMITED", "TOO_MANY_CONVERSATIONS", "ENGINE_DOWN",
  "SERVICE_UNAVAILABLE", "SHUTTING_DOWN", "WORKSPACE_FULL", "WORKSPACE_READ_ONLY", "WORKSPACE_UNAVAILABLE",
]);
