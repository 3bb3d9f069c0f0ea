/** Pauses, deadlines and back-off. */

/** Resolves after so long; rejects with the signal's reason. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Full jitter: anything from nothing to a bound that doubles with every try, up to a cap. Many clients that lost the
 * same service do not come back at one moment. Source: M. Brooker, "Exponential Backoff And Jitter", AWS, 2015.
 */
export function backoff(tries: number, baseMs: number, capMs: number): number {
  return Math.random() * Math.min(capMs, baseMs * 2 ** Math.min(tries, 30));
}

/** A signal that ends with another one, or after so long. `done` lets go of both. */
export function deadline(ms: number, signal?: AbortSignal): { signal: AbortSignal; done: () => void } {
  const both = new AbortController();
  const stop = () => both.abort(signal?.reason);
  const timer = setTimeout(() => both.abort(new DOMException("No answer came in time.", "TimeoutError")), ms);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  return {
    signal: both.signal,
    done: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    },
  };
}
