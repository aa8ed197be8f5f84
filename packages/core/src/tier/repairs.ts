import type { Clock } from '../clock.ts';

/** Beyond this the whole remote tier is emptied instead: forgetting what was deleted would serve it again. About 2 MB. */
const MAX_PENDING = 10_000;
const RETRY_EVERY_MS = 1_000;
const BATCH = 500;

export interface Redo {
  /** Whether `key` is being written: if that succeeds, there is nothing to delete any more. */
  isBusyWith(key: string): boolean;
  delete(keys: readonly string[]): Promise<boolean>;
  /** Changes the tag's stamp again: the one that was missed may be outdated by now. */
  stamp(tag: string): Promise<unknown>;
  clear(): Promise<boolean>;
}

/** Deletes and invalidations that the remote tier missed while it was failing; done as soon as it heals. Until then this process acts as if they were. */
export class Repairs {
  readonly #clock: Clock;
  readonly #redo: Redo;
  readonly #keys = new Set<string>();
  readonly #tags = new Set<string>();
  /** How often all was to be emptied since it last was. */
  #clears = 0;
  #isRunning = false;
  #isClosed = false;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, redo: Redo) {
    this.#clock = clock;
    this.#redo = redo;
  }

  /** Whether what the remote tier holds under `key` is to be deleted. */
  covers(key: string): boolean {
    return this.#clears > 0 || this.#keys.has(key);
  }

  owesStamp(tag: string): boolean {
    return this.#tags.has(tag);
  }

  delete(keys: readonly string[]): void {
    for (const key of keys) this.#keys.add(key);
    this.#bound();
  }

  stamp(tag: string): void {
    this.#tags.add(tag);
    this.#bound();
  }

  clear(): void {
    this.#clears++;
    this.#keys.clear();
    this.#schedule();
  }

  /** The key was written anew. */
  deleteDone(key: string): void {
    this.#keys.delete(key);
  }

  stampDone(tag: string): void {
    this.#tags.delete(tag);
  }

  async run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      await this.#clearAll();
      await this.#deleteKeys();
      await this.#writeStamps();
    } finally {
      this.#isRunning = false;
    }
    if (this.#clears > 0 || this.#keys.size > 0 || this.#tags.size > 0) this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  async #clearAll(): Promise<void> {
    const asked = this.#clears;
    if (asked > 0 && (await this.#redo.clear()) && this.#clears === asked) this.#clears = 0;
  }

  async #deleteKeys(): Promise<void> {
    const keys = [...this.#keys].filter((key) => !this.#redo.isBusyWith(key));
    for (let at = 0; at < keys.length; at += BATCH) {
      const batch = keys.slice(at, at + BATCH);
      if (!(await this.#redo.delete(batch))) return;
      for (const key of batch) this.#keys.delete(key);
    }
  }

  async #writeStamps(): Promise<void> {
    const tags = [...this.#tags];
    for (let at = 0; at < tags.length; at += BATCH) {
      const batch = tags.slice(at, at + BATCH);
      await Promise.all(batch.map((tag) => this.#redo.stamp(tag)));
      if (batch.some((tag) => this.#tags.has(tag))) return;
    }
  }

  #bound(): void {
    if (this.#keys.size + this.#tags.size > MAX_PENDING) {
      this.#tags.clear();
      this.clear();
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isClosed || this.#cancel !== undefined) return;
    this.#cancel = this.#clock.after(RETRY_EVERY_MS, () => {
      this.#cancel = undefined;
      void this.run();
    });
  }
}
