import { type Clock, systemClock } from '../clock.ts';
import type { RemoteStore } from '../store.ts';

export type StoreOperation = 'getMany' | 'setMany' | 'deleteMany' | 'clear';

/** What goes wrong, all of it at once. */
export interface Faults {
  /** The operations concerned. Default: all four. */
  readonly on?: readonly StoreOperation[];
  /** Rejects with this error; the store is not asked. */
  readonly error?: unknown;
  /** The answer comes this much after the call by the clock; the store does its work at once. */
  readonly delayMs?: number;
  /** The store does its work and the answer waits for `release()`. */
  readonly hang?: boolean;
  /** Changes what was read. */
  readonly corrupt?: (bytes: Uint8Array, key: string) => Uint8Array;
  /** One reply was lost on the wire: from now on each read gets the answer to the read before it. */
  readonly swapReplies?: boolean;
  /** Says that it wrote or deleted, and does not. */
  readonly dropWrites?: boolean;
}

export interface FailingStore extends RemoteStore {
  /** How often each operation was asked for. */
  readonly calls: Readonly<Record<StoreOperation, number>>;
  /** Replaces the faults for calls made from now on. */
  fail(faults: Faults): void;
  /** No more faults; what hangs keeps hanging. */
  heal(): void;
  /** Answers everything that hangs. */
  release(): void;
}

/** `store` with faults that are switched while it runs. Without faults it is `store`. */
export function failingStore(
  store: RemoteStore,
  options: { readonly clock?: Clock; readonly faults?: Faults } = {},
): FailingStore {
  const { clock = systemClock } = options;
  const calls = { getMany: 0, setMany: 0, deleteMany: 0, clear: 0 };
  const hung = new Set<() => void>();
  let faults: Faults = options.faults ?? {};
  let lastReply: Uint8Array | undefined;

  function faultsOf(operation: StoreOperation): Faults {
    return faults.on === undefined || faults.on.includes(operation) ? faults : {};
  }

  async function run<T>(operation: StoreOperation, work: (now: Faults) => Promise<T>): Promise<T> {
    calls[operation] += 1;
    const now = faultsOf(operation);
    if (now.error !== undefined) throw now.error;
    const { delayMs = 0, hang = false } = now;
    // Counts from the call, also when the clock is moved in the same tick.
    const delay = delayMs > 0 ? new Promise<void>((resolve) => clock.after(delayMs, resolve)) : undefined;
    const answer = await work(now);
    await delay;
    if (hang) await new Promise<void>((resolve) => hung.add(resolve));
    return answer;
  }

  async function read(
    keys: readonly string[],
    { corrupt, swapReplies = false }: Faults,
  ): Promise<(Uint8Array | undefined)[]> {
    const values = await store.getMany(keys);
    return values.map((value, i) => {
      const reply = swapReplies ? lastReply : value;
      lastReply = value;
      return corrupt === undefined || reply === undefined ? reply : corrupt(reply, keys[i] ?? '');
    });
  }

  async function write(work: () => Promise<void>, { dropWrites = false }: Faults): Promise<void> {
    if (!dropWrites) await work();
  }

  return {
    kind: 'remote',
    name: store.name,
    capabilities: store.capabilities,
    calls,
    getMany: (keys) => run('getMany', (now) => read(keys, now)),
    setMany: (writes) => run('setMany', (now) => write(() => store.setMany(writes), now)),
    deleteMany: (keys) => run('deleteMany', (now) => write(() => store.deleteMany(keys), now)),
    clear: () => run('clear', (now) => write(() => store.clear(), now)),
    close: () => store.close(),
    fail(next) {
      faults = next;
    },
    heal() {
      faults = {};
    },
    release() {
      for (const answer of hung) answer();
      hung.clear();
    },
  };
}
