import {
  bytes,
  type Cache,
  type Codec,
  checkFunction,
  checkKnown,
  checkMethods,
  createCache,
  type Duration,
  invalidOption,
  parseDuration,
  structured,
} from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { hashContent } from './content-hash.ts';

export interface MemoizeOptions<R> {
  /** What the function computes, 1 to 200 characters: results are kept under it, and shared by all that have the same name, version and codec. */
  readonly name: string;
  /** Of the weights and of the code: another version knows nothing of the results of this one. Default '1'. */
  readonly version?: string;
  /** Default: one of its own, in 64 MB of memory. A cache that is passed in is not closed. */
  readonly cache?: Cache;
  /** Default '1d'. */
  readonly ttl?: Duration;
  /** How results become bytes. Default {@link structured}, which keeps typed arrays, and objects of them, as they are. */
  readonly codec?: Codec<R>;
}

export const MEMOIZE_DEFAULTS: { readonly version: string; readonly ttl: Duration } = { version: '1', ttl: '1d' };

const MAX_NAME_LENGTH = 200;

/**
 * A function that computes each result once: calls with the same content (see {@link hashContent}) get the result from cache, and those at the same time
 * share one computation. Whoever gets a result owns it: what is kept is bytes, decoded anew for each caller, so that changing one changes
 * no other. A call whose arguments have no content to hash, or whose result the codec cannot encode, is simply computed. Errors are passed on
 * and not kept. Throws INVALID_OPTION.
 */
export function memoize<A extends readonly unknown[], R>(
  compute: (...args: A) => R | Promise<R>,
  options: MemoizeOptions<R>,
): (...args: A) => Promise<R> {
  checkKnown('memoize()', options, ['name', 'version', 'cache', 'ttl', 'codec']);
  checkFunction('memoize() function', compute);
  const { version = MEMOIZE_DEFAULTS.version, codec = structured<R>() } = options;
  checkName('memoize() name', options.name);
  checkName('memoize() version', version);
  const ttl = parseDuration('memoize() ttl', options.ttl ?? MEMOIZE_DEFAULTS.ttl);
  checkMethods('memoize() cache', options.cache, ['namespace']);
  const cache = options.cache ?? createCache({ tiers: [memory()] });
  const results = cache.namespace<Uint8Array | undefined>('memoize', {
    codec: bytes as Codec<Uint8Array | undefined>,
    grace: 0,
    refreshBehind: false,
  });
  const identity = JSON.stringify([options.name, version, codec.id]);

  return async (...args) => {
    const content = hashContent(args);
    if (content === undefined) return compute(...args);
    const own: { result?: { readonly value: R } } = {};
    const load = async (): Promise<Uint8Array | undefined> => {
      const value = await compute(...args);
      own.result = { value };
      // What was changed while it was computed on may not be what the result is of.
      return hashContent(args) === content ? encode(codec, value) : undefined;
    };
    const kept = await results.getOrLoad(`${identity}${content}`, load, { ttl });
    if (own.result !== undefined) return own.result.value;
    const decoded = kept === undefined ? undefined : decode(codec, kept);
    return decoded === undefined ? compute(...args) : decoded.value;
  };
}

function encode<R>(codec: Codec<R>, value: R): Uint8Array | undefined {
  try {
    // A copy, since a codec of bytes may give the value itself, which now is the caller's.
    return new Uint8Array(codec.encode(value));
  } catch {
    return undefined;
  }
}

function decode<R>(codec: Codec<R>, kept: Uint8Array): { readonly value: R } | undefined {
  try {
    // A copy, since a decoded typed array may be a window on what it was decoded from.
    return { value: codec.decode(new Uint8Array(kept)) };
  } catch {
    return undefined;
  }
}

function checkName(option: string, name: unknown): void {
  if (typeof name !== 'string' || name.length === 0 || name.length > MAX_NAME_LENGTH)
    throw invalidOption(option, `1 to ${MAX_NAME_LENGTH} characters`, name);
}
