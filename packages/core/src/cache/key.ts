import { hash } from 'node:crypto';
import { KvasirError } from '../errors.ts';

const MAX_KEY_LENGTH = 65_536;
/** Longer keys are stored by digest, so that no tier sees more than 3 bytes x 512 characters and the namespace. */
const MAX_PLAIN_LENGTH = 512;
const MAX_TAG_LENGTH = 512;
const MAX_TAGS = 128;

/** Half a surrogate pair does not survive UTF-8. */
const UNPAIRED = /\p{Surrogate}/u;

/** Throws INVALID_KEY. */
export function checkKey(key: string): void {
  if (typeof key !== 'string' || key.length === 0 || key.length > MAX_KEY_LENGTH)
    throw new KvasirError('INVALID_KEY', `expected a key of 1 to ${MAX_KEY_LENGTH} characters, got ${describe(key)}`);
}

/** Whether the tiers know `key` as it is, else by its digest: when it is long, has half a surrogate pair, or looks like a digest. */
export function isPlain(key: string): boolean {
  return key.length <= MAX_PLAIN_LENGTH && key[0] !== '#' && !UNPAIRED.test(key);
}

/** `#` and a SHA-256 in base64url: 44 characters. */
export function digestKey(key: string): string {
  return `#${hash('sha256', Buffer.from(key, 'utf16le'), 'base64url')}`;
}

/** A copy of `tags` without repeats. Throws INVALID_TAG unless they are at most `max` well-formed strings of 1 to 512 characters. */
export function checkTags(tags: readonly string[], max: number = MAX_TAGS): readonly string[] {
  if (!Array.isArray(tags)) throw new KvasirError('INVALID_TAG', `expected an array of tags, got ${describe(tags)}`);
  for (const tag of tags as readonly unknown[]) {
    if (typeof tag !== 'string' || tag.length === 0 || tag.length > MAX_TAG_LENGTH || UNPAIRED.test(tag))
      throw new KvasirError(
        'INVALID_TAG',
        `expected tags of 1 to ${MAX_TAG_LENGTH} well-formed characters, got ${describe(tag)}`,
      );
  }
  const unique = [...new Set<string>(tags)];
  if (unique.length > max)
    throw new KvasirError('INVALID_TAG', `expected at most ${max} tags on an entry, got ${unique.length}`);
  return unique;
}

function describe(value: unknown): string {
  return typeof value === 'string' ? `one of ${value.length}` : typeof value;
}
