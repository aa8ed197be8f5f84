import { hash } from 'node:crypto';
import { type Fields, listOf } from './fields.ts';
import type { Target } from './target.ts';

const MAX_LENGTH = 512;
/** What a namespace takes, less the two that every page carries. */
const MAX_TAGS = 126;

/** The two tags of a target: its whole URI, and its path on whatever host, so that either can be purged. */
export function targetTags(target: Pick<Target, 'scheme' | 'authority' | 'path'>): readonly [string, string] {
  return [shorten(`web:${target.scheme}://${target.authority}${target.path}`), shorten(`web:${target.path}`)];
}

/**
 * The tag of what `purge` was given: an absolute URL (one host) or a path (all hosts). The part after `#` is not sent to servers and not looked at.
 * Undefined when it is neither.
 */
export function purgeTag(url: string): string | undefined {
  const [sent = ''] = url.split('#');
  if (sent.startsWith('/')) return shorten(`web:${sent}`);
  const match = /^(https?):\/\/([^/?]+)(.*)$/i.exec(sent);
  if (match === null) return undefined;
  const [, scheme = '', authority = '', rest = ''] = match;
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return targetTags({ scheme: scheme.toLowerCase(), authority: authority.toLowerCase(), path })[0];
}

function shorten(tag: string): string {
  return tag.length <= MAX_LENGTH ? tag : `web:#${hash('sha256', tag, 'base64url')}`;
}

/** Surrogate-Key is separated by spaces, Cache-Tag by commas. */
export function responseTags(fields: Fields): string[] {
  const surrogateKeys = fields.get('surrogate-key')?.join(' ').split(/\s+/) ?? [];
  const cacheTags = listOf(fields, 'cache-tag')?.split(',') ?? [];
  return [...surrogateKeys, ...cacheTags.map((tag) => tag.trim())].filter((tag) => tag !== '');
}

/** Whether a page may carry them. One that cannot carry all its tags could not be purged, and is not stored. */
export function areFit(tags: readonly string[]): boolean {
  return (
    new Set(tags).size <= MAX_TAGS &&
    tags.every(
      (tag) => typeof tag === 'string' && tag.length > 0 && tag.length <= MAX_LENGTH && !/[\ud800-\udfff]/.test(tag),
    )
  );
}
