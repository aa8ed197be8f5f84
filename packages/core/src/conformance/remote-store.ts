import assert from 'node:assert/strict';
import type { RemoteStore } from '../store.ts';
import { until } from '../testing/until.ts';
import type { Check } from './check.ts';

export interface RemoteStoreSubject {
  readonly store: RemoteStore;
  /** Lets time pass for the store. Without it the suite waits for a real server's time. */
  elapse?(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

/** An empty store that keeps things under `prefix`, in the same place as the stores made before. Prefixes hold `*?[]\` and spaces. */
export type MakeRemoteStore = (prefix: string) => Promise<RemoteStoreSubject>;

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);

const ODD_KEYS = [
  'plain',
  'with:colons::in:it',
  'with spaces and\ttabs',
  'with\nnewlines\r\n',
  'globs *?[a-z]{x}\\',
  'ünïcödé 鍵 🔑',
  'quotes "\'`$()',
  'null\0byte',
  'x'.repeat(512),
  '|',
  '__proto__',
  '0',
];

/** What every {@link RemoteStore} must do. */
export function remoteStoreConformance(make: MakeRemoteStore): readonly Check[] {
  const checks: Check[] = [];

  function it(name: string, check: (store: RemoteStore, subject: RemoteStoreSubject) => Promise<void>): void {
    const prefix = `case-${checks.length}:`;
    checks.push({
      name,
      check: async () => {
        const subject = await make(prefix);
        try {
          await check(subject.store, subject);
        } finally {
          await subject.dispose();
        }
      },
    });
  }

  it('answers undefined for what was never set', async (store) => {
    assert.deepEqual(await store.getMany(['absent']), [undefined]);
  });

  it('answers batches of none, one and a thousand keys in the order asked', async (store) => {
    assert.deepEqual(await store.getMany([]), []);
    await store.setMany([]);
    await store.deleteMany([]);
    const keys = Array.from({ length: 1_000 }, (_, i) => `key ${i}`);
    await store.setMany(keys.map((key) => write(key, Buffer.from(key))));
    const asked = [...keys].reverse().flatMap((key, i) => (i % 10 === 0 ? [key, `absent ${i}`] : [key]));
    const answers = await store.getMany(asked);
    assert.deepEqual(
      answers.map((bytes) => bytes && Buffer.from(bytes).toString()),
      asked.map((key) => (key.startsWith('absent') ? undefined : key)),
    );
    await store.deleteMany(keys);
    assert.deepEqual(
      await store.getMany(keys),
      keys.map(() => undefined),
    );
  });

  it('answers a key as often as it is asked for in one batch, and keeps the last of its writes', async (store) => {
    await store.setMany([write('a', [1]), write('b', [2]), write('a', [3])]);
    assertBytes(await store.getMany(['a', 'b', 'a', 'a']), [[3], [2], [3], [3]]);
    await store.deleteMany(['a', 'a']);
    assertBytes(await store.getMany(['a', 'b']), [undefined, [2]]);
  });

  it('keeps every byte value, no bytes at all, and a mebibyte', async (store) => {
    const large = Uint8Array.from({ length: 1_048_576 }, (_, i) => (i * 2_654_435_761) >>> 24);
    await store.setMany([write('all', ALL_BYTES), write('none', []), write('one', [0]), write('large', large)]);
    const [all, none, one, mebibyte] = await store.getMany(['all', 'none', 'one', 'large']);
    assertBytes([all, none, one], [ALL_BYTES, [], [0]]);
    assert.ok(mebibyte !== undefined && Buffer.compare(mebibyte, large) === 0);
  });

  it('keeps bytes that are a window on a larger buffer, and only those', async (store) => {
    await store.setMany([write('window', ALL_BYTES.subarray(100, 103))]);
    assertBytes(await store.getMany(['window']), [[100, 101, 102]]);
  });

  it('takes keys of any characters and keeps them apart', async (store) => {
    await store.setMany(ODD_KEYS.map((key, i) => write(key, [i])));
    assertBytes(
      await store.getMany(ODD_KEYS),
      ODD_KEYS.map((_, i) => [i]),
    );
    await store.deleteMany(['globs *?[a-z]{x}\\', 'plain']);
    assertBytes(await store.getMany(['with:colons::in:it', 'plain', '|']), [[1], undefined, [9]]);
  });

  it('replaces a value and its time to live', async (store, subject) => {
    await store.setMany([write('key', [1], 60_000), write('other', [1], 100)]);
    await store.setMany([write('key', [2], 100), write('other', [2], 60_000)]);
    await goneAfter(subject, 'key', 100);
    assertBytes(await store.getMany(['other']), [[2]]);
  });

  it('forgets a value after its time to live, and keeps one without end', async (store, subject) => {
    await store.setMany([write('short', [1], 100), write('long', [2], 60_000), write('endless', [3])]);
    if (subject.elapse !== undefined) {
      await subject.elapse(99);
      assertBytes(await store.getMany(['short']), [[1]]);
    }
    await goneAfter(subject, 'short', 100);
    assertBytes(await store.getMany(['long', 'endless']), [[2], [3]]);
  });

  it('takes times to live that are fractions, and longer than a century', async (store) => {
    await store.setMany([write('fraction', [1], 60_000.5), write('long', [2], 1e13)]);
    assertBytes(await store.getMany(['fraction', 'long']), [[1], [2]]);
  });

  it('deletes what is there also when asked for what is not', async (store) => {
    await store.setMany([write('a', [1]), write('b', [2]), write('c', [3])]);
    await store.deleteMany(['absent', 'a', 'absent too', 'b']);
    assertBytes(await store.getMany(['a', 'b', 'c']), [undefined, undefined, [3]]);
    await store.deleteMany(['absent']);
  });

  it('shares no memory with its callers', async (store) => {
    const given = Uint8Array.from([1, 2, 3]);
    await store.setMany([write('key', given)]);
    given.fill(9);
    const [got] = await store.getMany(['key']);
    assertBytes([got], [[1, 2, 3]]);
    got?.fill(8);
    assertBytes(await store.getMany(['key']), [[1, 2, 3]]);
  });

  it('can be used again after clear', async (store) => {
    await store.setMany([write('a', [1]), write('b', [2])]);
    await store.clear();
    assertBytes(await store.getMany(['a', 'b']), [undefined, undefined]);
    await store.setMany([write('a', [3])]);
    assertBytes(await store.getMany(['a', 'b']), [[3], undefined]);
    await store.clear();
    await store.clear();
    assertBytes(await store.getMany(['a']), [undefined]);
  });

  it('answers many calls at once, each with its own values', async (store) => {
    const keys = Array.from({ length: 100 }, (_, i) => `key ${i}`);
    await Promise.all(keys.map((key, i) => store.setMany([write(key, [i])])));
    const answers = await Promise.all(keys.map((key) => store.getMany([key, 'absent'])));
    for (const [i, answer] of answers.entries()) assertBytes(answer, [[i], undefined]);
  });

  checks.push({
    name: 'clears its own prefix and no other, however alike they look',
    check: async () => {
      const prefixes = [
        'tenant',
        'tenant*',
        'tenantB',
        'tenant:',
        'tenant:b',
        'tenan?',
        '[a-z]enant',
        '\\tenant',
        't enant',
      ];
      const subjects = await Promise.all(prefixes.map((prefix) => make(prefix)));
      try {
        await Promise.all(subjects.map(({ store }, i) => store.setMany([write('key', [i]), write('b:key', [i])])));
        for (const [cleared, { store }] of subjects.entries()) {
          await store.clear();
          const left = await Promise.all(subjects.map((other) => other.store.getMany(['key', 'b:key'])));
          for (const [i, values] of left.entries())
            assertBytes(values, i <= cleared ? [undefined, undefined] : [[i], [i]]);
        }
      } finally {
        for (const subject of subjects) await subject.dispose();
      }
    },
  });

  return checks;
}

function write(
  key: string,
  bytes: ArrayLike<number>,
  ttlMs = Infinity,
): { key: string; bytes: Uint8Array; ttlMs: number } {
  return { key, bytes: bytes instanceof Uint8Array ? bytes : Uint8Array.from(bytes), ttlMs };
}

function assertBytes(
  actual: readonly (Uint8Array | undefined)[],
  expected: readonly (ArrayLike<number> | undefined)[],
): void {
  assert.deepEqual(
    actual.map((bytes) => bytes && [...bytes]),
    expected.map((bytes) => bytes && Array.from(bytes)),
  );
}

async function goneAfter(subject: RemoteStoreSubject, key: string, ttlMs: number): Promise<void> {
  const { store } = subject;
  if (!store.capabilities.ttl) return;
  if (subject.elapse !== undefined) {
    await subject.elapse(ttlMs);
    assertBytes(await store.getMany([key]), [undefined]);
  } else {
    await until(`${key} expires`, async () => (await store.getMany([key]))[0] === undefined);
  }
}
