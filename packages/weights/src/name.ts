const MAX_NAME = 1024;

/** Why a path names no file: `malformed` is answered 400, `refused` 404 (whether the file exists stays unsaid). */
export type Refusal = 'malformed' | 'refused';

export type ParsedName =
  | { readonly name: string; readonly refusal?: undefined }
  | { readonly name?: undefined; readonly refusal: Refusal };

/**
 * The file name in the path of a request URL: its segments, decoded once, joined by `/`. Empty for the mount point itself.
 * Refused are segments that could mean another place on some file system or origin: empty, `.`, `..`, dotfiles, and any that
 * hold a slash, backslash, NUL or another control character, also when they were percent-encoded.
 */
export function parseName(url: string): ParsedName {
  const path = url.split('?', 1)[0] ?? '';
  if (path === '' || path === '/') return { name: '' };
  if (!path.startsWith('/')) return { refusal: 'malformed' };
  let segments: string[];
  try {
    segments = path.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return { refusal: 'malformed' };
  }
  return isSafeName(segments.join('/')) && segments.every(isSafeSegment)
    ? { name: segments.join('/') }
    : { refusal: 'refused' };
}

/** Whether `name` is one that {@link parseName} would give: 1 to 1,024 characters. */
export function isSafeName(name: string): boolean {
  return name.length > 0 && name.length <= MAX_NAME && name.split('/').every(isSafeSegment);
}

function isSafeSegment(segment: string): boolean {
  if (segment === '' || segment.startsWith('.')) return false;
  if (/[/\\]/.test(segment) || hasControl(segment) || /\p{Surrogate}/u.test(segment)) return false;
  // Decoded twice by a careless origin, `%2e%2e%2f` would be `../`.
  return !/%(?:2e|2f|5c|00)/i.test(segment);
}

function hasControl(segment: string): boolean {
  for (let i = 0; i < segment.length; i++) {
    const code = segment.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
