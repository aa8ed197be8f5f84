import type { Reporter } from '../cache/reporter.ts';
import type { Clock } from '../clock.ts';
import type { Codec } from '../codec.ts';
import { type Entry, freshness } from '../entry.ts';
import { KvasirError } from '../errors.ts';
import type { RemoteStore, RemoteWrite } from '../store.ts';
import { Breaker } from './breaker.ts';
import { withDeadline } from './deadline.ts';
import { decodeEnvelope, encodeEnvelope } from './envelope.ts';
import { Sequence } from './sequence.ts';

/** Keys of one batch. Redis answers this many in well under a deadline; more go out as batches of their own. */
const MAX_BATCH = 1_000;
const PROBE_KEY = '~probe';
/** Emptying a large store may rightly take longer than a request may wait; `close` waits for it, so it has an end all the same. */
const CLEAR_DEADLINE_MS = 10_000;

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
  readonly #sequence = new Sequence();
  #clearing = 0;
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

  /** Whether a write or delete of `key` is still running. */
  isBusyWith(key: string): boolean {
    return this.#sequence.tail(key) !== undefined;
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

  /** Whether the store has it now, or has what expired before it could be written: nothing. */
  async set<V>(key: string, entry: Entry<V>, codec: Codec<V>): Promise<boolean> {
    if (this.#isShut) return false;
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
    return this.#sequence.run([key], () => this.#enqueueWrite({ key, bytes, ttlMs }));
  }

  async delete(keys: readonly string[]): Promise<boolean> {
    if (this.#isShut) return false;
    return this.#sequence.run(keys, async () => {
      return !this.#breaker.isOpen && (await this.#attempt(() => this.store.deleteMany(keys))) !== undefined;
    });
  }

  /** Until it is done the store is out of reach. */
  async clear(): Promise<boolean> {
    if (this.#isShut) return false;
    this.#clearing++;
    try {
      const work = (): Promise<unknown> => this.#attempt(() => this.store.clear(), CLEAR_DEADLINE_MS);
      return (await this.#sequence.run('all', work)) !== undefined;
    } finally {
      this.#clearing--;
    }
  }

  async close(): Promise<void> {
    this.#breaker.close();
    await this.store.close();
  }

  get #isShut(): boolean {
    return this.#breaker.isOpen || this.#clearing > 0;
  }

  /** After what is being written or deleted under `key`. */
  async #fetch(key: string): Promise<Answer> {
    if (!this.#isShut) await this.#sequence.tail(key);
    if (this.#isShut) return UNREACHED;
    return new Promise<Answer>((resolve) => {
      if (this.#reads.length === 0) process.nextTick(() => this.#flushReads());
      this.#reads.push({ key, resolve });
    });
  }

  async #enqueueWrite(write: RemoteWrite): Promise<boolean> {
    if (this.#breaker.isOpen) return false;
    return new Promise<boolean>((resolve) => {
      if (this.#writes.length === 0) process.nextTick(() => this.#flushWrites());
      this.#writes.push({ ...write, resolve });
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

  async #attempt<T>(work: () => Promise<T>, deadlineMs = this.#deadlineMs): Promise<{ value: T } | undefined> {
    try {
      const value = await this.#bounded(work, deadlineMs);
      this.#breaker.succeeded();
      return { value };
    } catch (error) {
      this.#reporter.failed('REMOTE_FAILED', error);
      this.#breaker.failed();
      return undefined;
    }
  }

  #bounded<T>(work: () => Promise<T>, deadlineMs = this.#deadlineMs): Promise<T> {
    return withDeadline(work(), deadlineMs, this.#clock, () => {
      return new KvasirError('REMOTE_TIMEOUT', `${this.store.name}: no answer within ${deadlineMs} ms`);
    });
  }
}
