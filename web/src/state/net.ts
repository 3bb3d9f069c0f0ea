// Requests to the service, all relative to where the page was found.

/** The service refused: its words, its code, and what it says beside. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The service was not reached, or did not answer in its own words. */
export class AwayError extends Error {
  override name = "AwayError";
}

export function address(path: string): URL {
  return new URL(path, document.baseURI);
}

export function inProject(project: string, rest = ""): string {
  return `api/v1/projects/${encodeURIComponent(project)}${rest}`;
}

/** Asks, and reads the answer. Raises `ApiError`, or `AwayError`. */
export async function ask<T>(path: string, options: RequestInit = {}): Promise<T> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(address(path), options);
    text = await answer.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new AwayError("The service does not answer.");
  }
  if (answer.ok) return (text ? JSON.parse(text) : undefined) as T;
  let told: { code: string; message: string; details?: Record<string, unknown> } | undefined;
  try {
    told = (JSON.parse(text) as { error?: typeof told }).error;
  } catch {
    // a proxy's own words
  }
  if (!told) throw new AwayError(`The service answered ${answer.status}.`);
  throw new ApiError(answer.status, told.code, told.message, told.details);
}

export function send<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const options: RequestInit = { method, headers };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { ...headers, "Content-Type": "application/json" };
  }
  return ask<T>(path, options);
}

/** A UUID, also where the page was not found over TLS and the browser draws none. */
export function newId(): string {
  if (window.isSecureContext) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
