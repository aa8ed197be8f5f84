import { hash } from 'node:crypto';
import { KvasirError } from '../errors.ts';

const MAX_KEY_LENGTH = 65_536;
/** Longer keys are stored by digest, so that no tier sees more than 3 bytes x 512 characters and the namespace. */
const MAX_PLAIN_LENGTH = 512;
const MAX_TAG_LENGTH = 512;
const MAX_TAGS = 128;

// Surrogates would not survive UTF-8 when unpaired, and '#' marks a digest: such keys are digested, so that two keys never meet.
const NEEDS_DIGEST = /^#|[\ud800-\udfff]/;

/**
 * The name of `key` in every tier: `namespace:key`, or `namespace:#<SHA-256>` for long and unpaired-surrogate keys. Injective, as namespace names
 * hold no colon. Throws INVALID_KEY.
 */
export function qualifyKey(namespace: string, key: string): string {
  if (typeof key !== 'string' || key.length === 0 || key.length > MAX_KEY_LENGTH)
    throw new KvasirError('INVALID_KEY', `expected a key of 1 to ${MAX_KEY_LENGTH} characters, got ${describe(key)}`);
  if (key.length <= MAX_PLAIN_LENGTH && !NEEDS_DIGEST.test(key)) return `${namespace}:${key}`;
  return `${namespace}:#${hash('sha256', Buffer.from(key, 'utf16le'), 'base64url')}`;
}

/** Throws INVALID_TAG unless `tags` is at most 128 well-formed strings of 1 to 512 characters. Returns them without repeats. */
export function checkTags(tags: readonly string[]): readonly string[] {
  if (tags.length === 0) return tags;
  for (const tag of tags) {
    if (typeof tag !== 'string' || tag.length === 0 || tag.length > MAX_TAG_LENGTH || /[\ud800-\udfff]/.test(tag))
      throw new KvasirError(
        'INVALID_TAG',
        `expected tags of 1 to ${MAX_TAG_LENGTH} well-formed characters, got ${describe(tag)}`,
      );
  }
  const unique = tags.length === 1 ? tags : [...new Set(tags)];
  if (unique.length > MAX_TAGS)
    throw new KvasirError('INVALID_TAG', `expected at most ${MAX_TAGS} tags on an entry, got ${unique.length}`);
  return unique;
}

function describe(value: unknown): string {
  return typeof value === 'string' ? `one of ${value.length}` : typeof value;
}
