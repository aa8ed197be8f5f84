import type { Codec } from '../codec.ts';
import type { LoadOptions, LoadRules, WriteOptions } from '../namespace.ts';
import { checkFunction, checkKnown, invalidOption } from '../options.ts';
import { type Duration, parseDuration } from '../units.ts';
import { checkTags } from './key.ts';

export const WRITE_OPTIONS: readonly (keyof WriteOptions<unknown>)[] = ['ttl', 'grace', 'tags'];
export const LOAD_OPTIONS: readonly (keyof LoadOptions<unknown>)[] = [
  ...WRITE_OPTIONS,
  'deadline',
  'refreshBehind',
  'signal',
];

/** A namespace's options, parsed once. */
export interface Rules<V> {
  readonly codec: Codec<V>;
  readonly ttl: number | ((value: V) => Duration);
  readonly grace: number;
  readonly tags: readonly string[] | ((value: V) => readonly string[]);
  readonly deadline: number;
  readonly refreshBehind: boolean;
}

/** `rules` with what `options` says otherwise. Throws INVALID_OPTION, INVALID_TAG. */
export function applyOptions<V>(
  rules: Rules<V>,
  options: (WriteOptions<V> & LoadRules) | undefined,
  owner: string,
  known: readonly string[],
): Rules<V> {
  if (options === undefined) return rules;
  checkKnown(owner, options, known);
  const { ttl, grace, tags, deadline, refreshBehind } = options;
  checkOptional(`${owner} refreshBehind`, refreshBehind, 'boolean');
  return {
    codec: rules.codec,
    ttl: ttl === undefined ? rules.ttl : typeof ttl === 'function' ? ttl : parseDuration(`${owner} ttl`, ttl),
    grace: grace === undefined ? rules.grace : parseDuration(`${owner} grace`, grace),
    tags: tags === undefined ? rules.tags : readTags(owner, tags),
    deadline: deadline === undefined ? rules.deadline : parseDuration(`${owner} deadline`, deadline),
    refreshBehind: refreshBehind ?? rules.refreshBehind,
  };
}

export function checkCodec(option: string, codec: unknown): void {
  const { id, encode, decode } = (codec ?? {}) as Partial<Codec<unknown>>;
  if (typeof id !== 'string' || id.length === 0 || id.length > 64)
    throw invalidOption(option, 'a codec: { id: 1 to 64 characters, encode, decode }', codec);
  for (const part of [encode, decode]) {
    if (part === undefined) throw invalidOption(option, 'a codec: { id, encode, decode }', codec);
    checkFunction(option, part);
  }
}

/** How long `value` is fresh, in ms. */
export function ttlOf<V>(rules: Rules<V>, value: V): number {
  return typeof rules.ttl === 'function' ? parseDuration('ttl', rules.ttl(value)) : rules.ttl;
}

/** The tags of `value`. Throws INVALID_TAG. */
export function tagsOf<V>(rules: Rules<V>, value: V): readonly string[] {
  return typeof rules.tags === 'function' ? checkTags(rules.tags(value)) : rules.tags;
}

function readTags<V>(owner: string, tags: NonNullable<WriteOptions<V>['tags']>): Rules<V>['tags'] {
  if (typeof tags === 'function') return tags;
  if (!Array.isArray(tags))
    throw invalidOption(`${owner} tags`, 'an array of strings, or a function that returns one', tags);
  return checkTags(tags as readonly string[]);
}

function checkOptional(option: string, value: unknown, type: 'boolean'): void {
  if (value !== undefined && typeof value !== type) throw invalidOption(option, `a ${type}`, value);
}
