import type { IncomingMessage } from 'node:http';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Cache,
  type Clock,
  checkFunction,
  checkKnown,
  checkMethods,
  type Duration,
  invalidOption,
  parseDuration,
  parseSize,
  type Size,
  systemClock,
} from '@kvasir/core';
import { SHA256_HEX } from './digest.ts';

/** The sha256 (64 hex characters) that a file must have, where it is known. */
export type Digests =
  | Readonly<Record<string, string>>
  | ((name: string) => string | undefined | Promise<string | undefined>);

export interface WeightsOptions {
  /** A folder, or the http(s) URL below which the files are. */
  readonly origin: string | URL;
  /** Where blocks from a URL origin are kept. Default: `kvasir/weights` in the user's cache folder. A folder origin needs none. */
  readonly directory?: string;
  /** Default '10GB'. Least recently used blocks leave first. */
  readonly maxDiskBytes?: Size;
  /** Holds hot blocks. Default: 256 MB of memory of its own. A cache that is passed in is not closed. */
  readonly cache?: Cache;
  readonly digests?: Digests;
  /**
   * `stream` (default) sends blocks as they come, and withholds the last one until the whole file is verified; `full` sends nothing before.
   */
  readonly verify?: 'stream' | 'full';
  /** Sent to a URL origin, and never to another host that it redirects to. Credentials here need `authorize`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Asked for every request, before anything is looked up. False is answered 403. Never cached. */
  authorize?(this: void, req: IncomingMessage, name: string): boolean | Promise<boolean>;
  /** How long size and version of a file are believed without asking the origin. Default '5m'. */
  readonly ttl?: Duration;
  /** The longest silence of a URL origin. Default '30s'. */
  readonly timeout?: Duration;
  readonly clock?: Clock;
}

export interface Defaults {
  readonly maxDiskBytes: Size;
  readonly verify: 'stream' | 'full';
  readonly ttl: Duration;
  readonly timeout: Duration;
}

export const DEFAULTS: Defaults = { maxDiskBytes: '10GB', verify: 'stream', ttl: '5m', timeout: '30s' };

const KNOWN = [
  'origin',
  'directory',
  'maxDiskBytes',
  'cache',
  'digests',
  'verify',
  'headers',
  'authorize',
  'ttl',
  'timeout',
  'clock',
];

export interface Settings {
  /** A URL that ends with `/`, or an absolute folder. */
  readonly origin: URL | string;
  readonly directory: string;
  readonly maxDiskBytes: number;
  readonly cache: Cache | undefined;
  readonly digestOf: (name: string) => string | undefined | Promise<string | undefined>;
  readonly verify: 'stream' | 'full';
  readonly headers: Readonly<Record<string, string>>;
  readonly authorize: WeightsOptions['authorize'];
  readonly ttlMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Throws INVALID_OPTION. */
export function resolveOptions(options: WeightsOptions): Settings {
  checkKnown('weights()', options, KNOWN);
  const { directory, verify = DEFAULTS.verify, headers = {}, clock = systemClock } = options;
  if (verify !== 'stream' && verify !== 'full') throw invalidOption('verify', "'stream' or 'full'", verify);
  if (directory !== undefined && (typeof directory !== 'string' || directory === ''))
    throw invalidOption('directory', 'a path', directory);
  checkMethods('cache', options.cache, ['namespace', 'invalidateTags']);
  checkMethods('clock', clock, ['now', 'after']);
  checkFunction('authorize', options.authorize);
  checkHeaders(headers, options.authorize !== undefined);
  const maxDiskBytes = parseSize('maxDiskBytes', options.maxDiskBytes ?? DEFAULTS.maxDiskBytes);
  return {
    origin: parseOrigin(options.origin),
    directory: resolve(directory ?? join(cacheFolder(), 'kvasir', 'weights')),
    maxDiskBytes,
    cache: options.cache,
    digestOf: parseDigests(options.digests),
    verify,
    headers,
    authorize: options.authorize,
    ttlMs: parseDuration('ttl', options.ttl ?? DEFAULTS.ttl),
    timeoutMs: parseDuration('timeout', options.timeout ?? DEFAULTS.timeout),
    clock,
  };
}

function parseOrigin(origin: unknown): URL | string {
  const expected = 'a folder, or an http(s) URL without user, query and fragment';
  const isUrl = origin instanceof URL || (typeof origin === 'string' && /^https?:\/\//i.test(origin));
  if (!isUrl) {
    if (typeof origin !== 'string' || origin === '' || origin.includes('\0'))
      throw invalidOption('origin', expected, origin);
    return resolve(origin);
  }
  // The value is not shown from here on: it may hold a password or a signature.
  if (!URL.canParse(String(origin))) throw invalidOption('origin', expected, 'a URL that cannot be read');
  const url = new URL(origin);
  if (url.protocol === 'file:') return fileURLToPath(url);
  if (!/^https?:$/.test(url.protocol)) throw invalidOption('origin', expected, url.protocol);
  if (`${url.username}${url.password}${url.search}${url.hash}` !== '')
    throw invalidOption('origin', expected, 'a URL with one of them');
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function checkHeaders(headers: unknown, hasAuthorize: boolean): void {
  if (typeof headers !== 'object' || headers === null) throw invalidOption('headers', 'an object', headers);
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw invalidOption('headers', 'field names', name);
    if (typeof value !== 'string' || /[\r\n\0]/.test(value))
      throw invalidOption(`headers ${name}`, 'one line of text', typeof value);
    if (/auth|cookie|credential|key|secret|token/i.test(name) && !hasAuthorize) {
      const expected = `a function, since headers holds ${name}: it says who may read what that opens`;
      throw invalidOption('authorize', expected, undefined);
    }
  }
}

function parseDigests(digests: unknown): Settings['digestOf'] {
  if (digests === undefined) return () => undefined;
  if (typeof digests === 'function') return digests as Settings['digestOf'];
  if (typeof digests !== 'object' || digests === null || Array.isArray(digests))
    throw invalidOption('digests', 'a function, or an object of sha256 by name', digests);
  for (const [name, hex] of Object.entries(digests)) {
    if (typeof hex !== 'string' || !SHA256_HEX.test(hex.toLowerCase()))
      throw invalidOption(`digests ${name}`, 'a sha256 as 64 hex characters', hex);
  }
  const byName = new Map(Object.entries(digests as Record<string, string>));
  return (name) => byName.get(name);
}

function cacheFolder(): string {
  const { env, platform } = process;
  if (platform === 'win32') return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
}
