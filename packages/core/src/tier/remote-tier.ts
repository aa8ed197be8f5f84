import type { Reporter } from '../cache/reporter.ts';
import type { Clock } from '../clock.ts';
import type { Codec } from '../codec.ts';
import { type Entry, freshness } from '../entry.ts';
import { KvasirError } from '../errors.ts';
import type { RemoteStore, RemoteWrite } from '../store.ts';
import { Breaker } from './breaker.ts';
import { withDeadline } from './deadline.ts';
import { decodeEnvelope, encodeEnvelope } from './envelope.ts';

/** Keys of one batch. Redis answers this many in well under a deadline; more go out as batches of their own. */
const MAX_BATCH = 1_000;
const PROBE_KEY = '~probe';

/** The bytes of one key, or that the store could not be asked. */
type Answer = { readonly reached: boolean; readonly bytes: Uint8Array | undefined };
const UNREACHED: Answer = { reached: false, bytes: undefined };

interface Read {
  readonly key: string;
  readonly resolve: (answer: Answer) => void;
}
interface Write extends RemoteWrite {
  readonly resolve: (ok: boolean) => void;
}

/**
 * A remote store that cannot hurt: all reads of a tick are one batch, every call has a deadline, failures open a breaker, and whatever goes wrong is a
 * miss (reads) or `false` (writes) and an `error` event. Nothing here rejects.
 */
export class RemoteTier {
  readonly store: RemoteStore;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  readonly #reporter: Reporter;
  readonly #breaker: Breaker;
  #reads: Read[] = [];
  #writes: Write[] = [];

  constructor(store: RemoteStore, clock: Clock, deadlineMs: number, reporter: Reporter, onRecovered: () => void) {
    this.store = store;
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
    this.#reporter = reporter;
    this.#breaker = new Breaker(
      clock,
      async () => {
        await this.#bounded(() => store.getMany([PROBE_KEY]));
      },
      (state) => {
        if (reporter.isHeard) reporter.tell({ type: 'breaker', tier: store.name, state });
        if (state === 'closed') onRecovered();
      },
    );
  }

  get isAvailable(): boolean {
    return !this.#breaker.isOpen;
  }

  /** Fresh or stale; undefined when absent, expired, unreadable or out of reach. */
  async get<V>(key: string, codec: Codec<V>): Promise<Entry<V> | undefined> {
    return (await this.lookUp(key, codec)).entry;
  }

  /** {@link get}, telling "not there" from "could not be asked". */
  async lookUp<V>(key: string, codec: Codec<V>): Promise<{ reached: boolean; entry: Entry<V> | undefined }> {
    const { reached, bytes } = await this.#fetch(key);
    if (bytes === undefined) return { reached, entry: undefined };
    try {
      const entry = decodeEnvelope(key, bytes, codec);
      return { reached, entry: freshness(entry, this.#clock.now()) === 'expired' ? undefined : entry };
    } catch (error) {
      this.#reporter.failed('CORRUPT_ENVELOPE', error, key);
      return { reached, entry: undefined };
    }
  }

  async set<V>(key: string, entry: Entry<V>, codec: Codec<V>): Promise<boolean> {
    if (this.#breaker.isOpen) return false;
    const ttlMs = Math.ceil(entry.expiresAt - this.#clock.now());
    if (ttlMs < 1) return true;
    let bytes: Uint8Array;
    try {
      bytes = encodeEnvelope(key, entry, codec);
      const limit = this.store.capabilities.maxValueBytes;
      if (bytes.byteLength > limit)
        throw new KvasirError(
          'VALUE_TOO_LARGE',
          `${this.store.name}: expected at most ${limit} bytes, got ${bytes.byteLength}`,
        );
    } catch (error) {
      this.#reporter.failed('ENCODE_FAILED', error, key);
      return false;
    }
    return new Promise<boolean>((resolve) => {
      if (this.#writes.length === 0) process.nextTick(() => this.#flushWrites());
      this.#writes.push({ key, bytes, ttlMs, resolve });
    });
  }

  async delete(keys: readonly string[]): Promise<boolean> {
    if (this.#breaker.isOpen) return false;
    return (await this.#attempt(() => this.store.deleteMany(keys))) !== undefined;
  }

  async clear(): Promise<boolean> {
    if (this.#breaker.isOpen) return false;
    // Emptying a large store may rightly take longer than a request may wait.
    return (await this.#settle(() => this.store.clear())) !== undefined;
  }

  async close(): Promise<void> {
    this.#breaker.close();
    await this.store.close();
  }

  async #fetch(key: string): Promise<Answer> {
    if (this.#breaker.isOpen) return UNREACHED;
    return new Promise<Answer>((resolve) => {
      if (this.#reads.length === 0) process.nextTick(() => this.#flushReads());
      this.#reads.push({ key, resolve });
    });
  }

  #flushReads(): void {
    const reads = this.#reads;
    this.#reads = [];
    for (let at = 0; at < reads.length; at += MAX_BATCH) void this.#read(reads.slice(at, at + MAX_BATCH));
  }

  async #read(reads: readonly Read[]): Promise<void> {
    const keys = [...new Set(reads.map((read) => read.key))];
    const answer = await this.#attempt(() => this.#getMany(keys));
    const found = new Map(keys.map((key, index) => [key, answer?.value[index]]));
    for (const read of reads)
      read.resolve(answer === undefined ? UNREACHED : { reached: true, bytes: found.get(read.key) });
  }

  #flushWrites(): void {
    const writes = this.#writes;
    this.#writes = [];
    for (let at = 0; at < writes.length; at += MAX_BATCH) void this.#write(writes.slice(at, at + MAX_BATCH));
  }

  async #write(writes: readonly Write[]): Promise<void> {
    const plain = writes.map(({ key, bytes, ttlMs }) => ({ key, bytes, ttlMs }));
    const done = await this.#attempt(() => this.store.setMany(plain));
    for (const write of writes) write.resolve(done !== undefined);
  }

  async #getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const found = await this.store.getMany(keys);
    if (found.length === keys.length) return found;
    throw new KvasirError('REMOTE_FAILED', `${this.store.name}: expected ${keys.length} answers, got ${found.length}`);
  }

  #attempt<T>(work: () => Promise<T>): Promise<{ value: T } | undefined> {
    return this.#settle(() => this.#bounded(work));
  }

  async #settle<T>(work: () => Promise<T>): Promise<{ value: T } | undefined> {
    try {
      const value = await work();
      this.#breaker.succeeded();
      return { value };
    } catch (error) {
      this.#reporter.failed('REMOTE_FAILED', error);
      this.#breaker.failed();
      return undefined;
    }
  }

  #bounded<T>(work: () => Promise<T>): Promise<T> {
    return withDeadline(work(), this.#deadlineMs, this.#clock, () => {
      return new KvasirError('REMOTE_TIMEOUT', `${this.store.name}: no answer within ${this.#deadlineMs} ms`);
    });
  }
}
