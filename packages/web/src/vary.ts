import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** More names than anybody has a use for. */
const MAX_NAMES = 16;

/**
 * The request fields that select a response, lower case, sorted, once each: RFC 9110 section 12.5.5. Undefined when it can never be selected again: `*` anywhere
 * in the list (RFC 9111 section 4.1), or something that is no field name.
 */
export function parseVary(field: string | undefined): readonly string[] | undefined {
  const names = new Set<string>();
  for (const member of (field ?? '').split(',')) {
    const name = member.trim().toLowerCase();
    if (name === '') continue;
    if (!/^[!#$%&'+\-.^_`|~0-9a-z]+$/.test(name)) return undefined;
    names.add(name);
  }
  return names.size > MAX_NAMES ? undefined : [...names].sort();
}

/**
 * Two requests with the same variant get the same response, RFC 9111 section 4.1. A digest, since selecting fields may be credentials. An absent field
 * matches only an absent one. '' when nothing selects.
 */
export function variantOf(vary: readonly string[], request: IncomingHttpHeaders): string {
  if (vary.length === 0) return '';
  const selecting = vary.map((name) => [name, normalise(name, request[name])]);
  return hash('sha256', JSON.stringify(selecting), 'base64url');
}

/**
 * Only what means the same for certain: white space around list members, and for codings and language ranges also their case and `;q=1`. Order stays: many
 * servers choose the first of equals.
 */
function normalise(name: string, value: string | string[] | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = (typeof value === 'string' ? value : value.join(',')).trim();
  if (name !== 'accept-encoding' && name !== 'accept-language') return text;
  const members = text.toLowerCase().split(',');
  return members.map((member) => member.replaceAll(/[\t ]/g, '').replace(/;q=1(?:\.0{0,3})?$/, '')).join(',');
}
