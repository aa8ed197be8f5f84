import { type Fields, singleOf } from './fields.ts';
import { targetTags } from './tags.ts';
import type { Target } from './target.ts';

/** RFC 9110 section 9.2.1, and the other safe methods of the IANA registry. What is unknown is unsafe. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY']);

export function isUnsafe(method: string): boolean {
  return !SAFE.has(method);
}

/**
 * What the success of an unsafe request makes doubtful, as tags: its target, and what Location and Content-Location name on the same origin. RFC 9111 section 4.4:
 * only 2xx and 3xx are a success, and another origin's URIs are none of its business.
 */
export function invalidatedBy(target: Target, status: number, fields: Fields): readonly string[] {
  if (status < 200 || status > 399) return [];
  const [own] = targetTags(target);
  const base = `${target.scheme}://${target.authority}${target.path}`;
  if (!URL.canParse(base)) return [own];
  const { origin } = new URL(base);
  const named = ['location', 'content-location'].flatMap((name) => {
    const reference = singleOf(fields, name);
    if (reference === undefined || !URL.canParse(reference, base)) return [];
    const url = new URL(reference, base);
    const path = url.pathname + url.search;
    return url.origin === origin ? [targetTags({ ...target, path })[0]] : [];
  });
  return [own, ...named];
}
