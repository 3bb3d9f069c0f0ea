// A picture on its way into the project, with how far it is; `fetch` does not tell that.
import { ApiError, AwayError, address, inProject } from "../state/net";

export interface Uploaded {
  path: string;
  url: string;
  media_type: string;
  width_px: number;
  height_px: number;
  size_bytes: number;
}

/** Raises `ApiError` where the service refuses it, `AwayError` where it was not reached or the upload was broken off. */
export function upload(project: string, file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file, file.name || "pasted.png");
    request.open("POST", address(inProject(project, "/uploads")));
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      try {
        const told = JSON.parse(request.responseText) as Uploaded & { error?: { code: string; message: string; details?: Record<string, unknown> } };
        if (request.status === 201) resolve(told);
        else if (told.error) reject(new ApiError(request.status, told.error.code, told.error.message, told.error.details));
        else reject(new AwayError(`The service answered ${request.status}.`));
      } catch {
        reject(new AwayError(`The service answered ${request.status}.`));
      }
    };
    request.onerror = () => reject(new AwayError("The service does not answer; the picture was not brought."));
    request.onabort = () => reject(new AwayError("The upload was broken off."));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

/** The words of a refusal: those of the field first, since they say what is wrong. */
export function wordsOf(error: unknown): string {
  if (error instanceof ApiError) {
    const problems = error.details["problems"];
    const first = Array.isArray(problems) ? (problems[0] as { message?: string } | undefined)?.message : undefined;
    return first ?? error.message;
  }
  return error instanceof Error ? error.message : "It was not brought.";
}

/** Files of a drop or a paste. */
export function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])];
}
