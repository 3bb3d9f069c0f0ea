/** What waits for a loop to come round: an async iterator over a bounded queue. */

export interface ChannelHooks {
  /** After something was taken: there is room again. */
  taken: () => void;
  /** When nobody reads any more. */
  left: () => void;
}

export class Channel<T> implements AsyncIterableIterator<T> {
  #items: T[] = [];
  #readers: { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void }[] = [];
  #end: { error: unknown } | undefined;
  readonly #hooks: ChannelHooks;

  constructor(hooks: ChannelHooks) {
    this.#hooks = hooks;
  }

  /** How many wait. */
  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    if (this.#end) return;
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ value: item, done: false });
    else this.#items.push(item);
  }

  /** No more comes; what waits is still read, and then the error is thrown, if there is one. */
  end(error?: unknown): void {
    if (this.#end) return;
    this.#end = { error };
    for (const reader of this.#readers.splice(0)) this.#finish(reader.resolve, reader.reject);
  }

  next(): Promise<IteratorResult<T>> {
    return new Promise((resolve, reject) => {
      if (this.#items.length > 0) {
        resolve({ value: this.#items.shift() as T, done: false });
        this.#hooks.taken();
      } else if (this.#end) {
        this.#finish(resolve, reject);
      } else {
        this.#readers.push({ resolve, reject });
      }
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.#items = [];
    this.end();
    this.#hooks.left();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(resolve: (result: IteratorResult<T>) => void, reject: (error: unknown) => void): void {
    const error = this.#end?.error;
    this.#end = { error: undefined }; // an error is thrown once, as by every iterator
    if (error === undefined) resolve({ value: undefined, done: true });
    else reject(error);
  }
}
