import { checkKnown, invalidOption, KvasirError, parseSize, type RemoteStore, type Size } from '@kvasir/core';
import { deleteMany, readMany, writeMany } from './calls.ts';
import { decodeBytes, encodeBytes, holdsBytes } from './encoding.ts';
import { watchErrors } from './errors.ts';
import { makeGeneration } from './generation.ts';
import { checkKeyv, type KeyvEntry, type KeyvInstance } from './instance.ts';

export interface KeyvOptions {
  /** A Keyv of version 5.6 or newer over any storage adapter. Stays the caller's: it is never cleared and never disconnected. */
  readonly store: KeyvInstance;
  /** Before every key; at most 64 characters without `|`. Caches with different prefixes never touch each other. Default 'kvasir'. */
  readonly prefix?: string;
  /** Larger values are not written. Default '16MB'. */
  readonly maxValueBytes?: Size;
}

export const DEFAULTS: { readonly prefix: string; readonly maxValueBytes: '16MB' } = {
  prefix: 'kvasir',
  maxValueBytes: '16MB',
};

/** Reads that find another generation each time, before one gives up: somebody clears in a loop. */
const MAX_LOOKS = 5;

/** A remote tier in whatever the Keyv keeps things in, under `<prefix>|<generation>|<key>`. */
export function keyv(options: KeyvOptions): RemoteStore {
  checkKnown('keyv()', options, ['store', 'prefix', 'maxValueBytes']);
  const { store, prefix = DEFAULTS.prefix } = options;
  checkKeyv('keyv() store', store);
  checkPrefix(store, prefix);
  const maxValueBytes = parseSize('keyv() maxValueBytes', options.maxValueBytes ?? DEFAULTS.maxValueBytes);
  const { run, stop } = watchErrors(store);
  const readNames = (names: string[]): Promise<unknown[]> => run('getMany', () => readMany(store, names));
  const writeEntries = (entries: KeyvEntry[]): Promise<void> => run('setMany', () => writeMany(store, entries));
  const tokenName = `${prefix}|generation`;
  const generation = makeGeneration(
    async () => (await readNames([tokenName]))[0],
    (token) => writeEntries([{ key: tokenName, value: token, ttl: 0 }]),
  );
  const nameIn = (token: string, key: string): string => `${prefix}|${token}|${key}`;
  let asBytes: Promise<boolean> | undefined;

  return {
    kind: 'remote',
    name: 'keyv',
    capabilities: { ttl: true, range: false, compareAndSet: false, maxValueBytes },
    async getMany(keys) {
      if (keys.length === 0) return [];
      for (let look = 0; look < MAX_LOOKS; look += 1) {
        const token = generation.known ?? (await generation.learn());
        const [current, ...values] = await readNames([tokenName, ...keys.map((key) => nameIn(token, key))]);
        if (generation.see(current) === token)
          return values.map((value) => (value === undefined ? undefined : decodeBytes(value)));
      }
      throw new KvasirError('REMOTE_FAILED', 'keyv getMany: the generation changes all the time');
    },
    async setMany(writes) {
      if (writes.length === 0) return;
      const [token, bytesSurvive] = await Promise.all([generation.learn(), (asBytes ??= holdsBytes(store))]);
      const last = new Map(writes.map((write) => [write.key, write]));
      await writeEntries(
        Array.from(last.values(), ({ key, bytes, ttlMs }) => ({
          key: nameIn(token, key),
          value: encodeBytes(bytes, bytesSurvive),
          ttl: ttlMs === Infinity ? 0 : Math.ceil(ttlMs),
        })),
      );
    },
    async deleteMany(keys) {
      if (keys.length === 0) return;
      const token = await generation.learn();
      const names = Array.from(new Set(keys), (key) => nameIn(token, key));
      await run('deleteMany', () => deleteMany(store, names));
    },
    clear: () => generation.replace(),
    async close() {
      stop();
    },
  };
}

function checkPrefix(store: KeyvInstance, prefix: unknown): void {
  const option = 'keyv() prefix';
  if (typeof prefix !== 'string' || prefix.length > 64 || /[|\ud800-\udfff]/.test(prefix))
    throw invalidOption(option, "at most 64 characters without '|'", prefix);
  // Keyv 5 puts its namespace before such a key in some calls and not in others.
  if (prefix.startsWith(`${store.namespace}:`))
    throw invalidOption(option, 'a prefix that does not begin with the namespace of the Keyv and a colon', prefix);
}
