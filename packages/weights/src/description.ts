import { createHash, randomUUID } from 'node:crypto';
import type { ExpectedDigest } from './digest.ts';

/** What an origin says to tell versions of a file apart. */
export interface Validators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** `X-Linked-ETag` of a hub: the sha256 of the file behind the redirect. */
  readonly linkedEtag: string | undefined;
}

/** One version of a file, as its origin tells it. */
export interface Description {
  readonly name: string;
  /** Names the version: same id, same bytes. 32 hex characters. */
  readonly id: string;
  readonly size: number;
  readonly validators: Validators;
  readonly expected: ExpectedDigest | undefined;
  /** False when the origin could not be asked and what was known before is used. */
  readonly confirmed: boolean;
}

/** An origin that gives no validator at all gets a new id at each look: nothing tells whether its file is still the same. */
export function versionId(size: number, validators: Validators): string {
  const { linkedEtag, etag, lastModified } = validators;
  const validator = linkedEtag ?? etag ?? lastModified ?? randomUUID();
  return createHash('sha256')
    .update(JSON.stringify([size, validator]))
    .digest('hex')
    .slice(0, 32);
}

/** Whether a later answer is of the same version, judged by the strongest validator that both have. */
export function isSameVersion(known: Validators, seen: Validators): boolean {
  if (known.linkedEtag !== undefined && seen.linkedEtag !== undefined && known.linkedEtag !== seen.linkedEtag)
    return false;
  if (known.etag !== undefined && seen.etag !== undefined) return known.etag === seen.etag;
  if (known.lastModified !== undefined && seen.lastModified !== undefined)
    return known.lastModified === seen.lastModified;
  return true;
}

/** The strong ETag that clients get: the expected digest, or else the version's id. */
export function etagOf(description: Description): string {
  return `"${description.expected?.hex ?? description.id}"`;
}
