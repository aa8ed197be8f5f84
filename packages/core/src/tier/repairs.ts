import type { Clock } from '../clock.ts';

/** Beyond this the whole remote tier is emptied instead: forgetting what was deleted would serve it again. About 2 MB. */
const MAX_PENDING = 10_000;
const RETRY_EVERY_MS = 1_000;
const BATCH = 500;

export interface Redo {
  delete(keys: readonly string[]): Promise<boolean>;
  stamp(tag: string, stamp: string): Promise<boolean>;
  clear(): Promise<boolean>;
}

/** Deletes and invalidations that the remote tier missed while it was failing; done as soon as it heals. Until then this process acts as if they were. */
export class Repairs {
  readonly #clock: Clock;
  readonly #redo: Redo;
  readonly #keys = new Set<string>();
  readonly #stamps = new Map<string, string>();
  #all = false;
  #isRunning = false;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, redo: Redo) {
    this.#clock = clock;
    this.#redo = redo;
  }

  /** Whether what the remote tier holds under `key` is to be deleted. */
  covers(key: string): boolean {
    return this.#all || this.#keys.has(key);
  }

  pendingStamp(tag: string): string | undefined {
    return this.#stamps.get(tag);
  }

  delete(keys: readonly string[]): void {
    for (const key of keys) this.#keys.add(key);
    this.#bound();
  }

  stamp(tag: string, stamp: string): void {
    this.#stamps.set(tag, stamp);
    this.#bound();
  }

  clear(): void {
    this.#all = true;
    this.#keys.clear();
    this.#schedule();
  }

  /** The key was written anew. */
  deleteDone(key: string): void {
    this.#keys.delete(key);
  }

  stampDone(tag: string): void {
    this.#stamps.delete(tag);
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
    if (this.#all || this.#keys.size > 0 || this.#stamps.size > 0) this.#schedule();
  }

  close(): void {
    this.#cancel?.();
  }

  async #clearAll(): Promise<void> {
    if (this.#all && (await this.#redo.clear())) this.#all = false;
  }

  async #deleteKeys(): Promise<void> {
    const keys = [...this.#keys];
    for (let at = 0; at < keys.length; at += BATCH) {
      const batch = keys.slice(at, at + BATCH);
      if (!(await this.#redo.delete(batch))) return;
      for (const key of batch) this.#keys.delete(key);
    }
  }

  async #writeStamps(): Promise<void> {
    for (const [tag, stamp] of this.#stamps) {
      if (!(await this.#redo.stamp(tag, stamp))) return;
      if (this.#stamps.get(tag) === stamp) this.#stamps.delete(tag);
    }
  }

  #bound(): void {
    if (this.#keys.size + this.#stamps.size > MAX_PENDING) {
      this.#stamps.clear();
      this.clear();
    }
    this.#schedule();
  }

  #schedule(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(RETRY_EVERY_MS, () => void this.run());
  }
}
