import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** What Express adds to a request; each part may be missing on a bare `http` server. */
export interface WebRequest extends IncomingMessage {
  readonly originalUrl?: string;
  readonly protocol?: string;
  readonly app?: { get(setting: string): unknown };
}

/** The target URI of a request, RFC 9110 section 7.1. */
export interface Target {
  readonly scheme: string;
  /** Lower case, with its port where there is one. */
  readonly authority: string;
  /** Path and query as they were sent: nothing decoded, sorted or resolved. */
  readonly path: string;
  /** What tells stored responses of different targets apart. */
  readonly key: string;
}

const SCHEME = /^[a-z][a-z0-9+.-]*$/i;
/** The characters of a host and port. Others could make one key look like another. */
const AUTHORITY = /^[a-z0-9.\-_~%:[\]]*$/;

/** Undefined when the target is not a path (absolute form, `*`), or scheme or host are none: such requests are not cached. */
export function targetOf(req: WebRequest): Target | undefined {
  const path = req.originalUrl ?? req.url ?? '';
  if (!path.startsWith('/')) return undefined;
  const scheme = req.protocol ?? ((req.socket as TLSSocket).encrypted === true ? 'https' : 'http');
  const host = (req.headers.host ?? '').toLowerCase();
  const forwarded = forwardedHost(req);
  const authority = forwarded ?? host;
  if (!SCHEME.test(scheme) || !AUTHORITY.test(host) || !AUTHORITY.test(authority)) return undefined;
  const key = `${scheme}://${authority}${path}`;
  // Behind a trusted proxy the app may look at either name, so both select.
  return { scheme, authority, path, key: forwarded === undefined || forwarded === host ? key : `${key} via ${host}` };
}

/** X-Forwarded-Host where Express's `trust proxy` says that the peer may be believed. */
function forwardedHost(req: WebRequest): string | undefined {
  const field = req.headers['x-forwarded-host'];
  if (field === undefined) return undefined;
  const trusts = req.app?.get('trust proxy fn');
  if (typeof trusts !== 'function' || trusts(req.socket.remoteAddress, 0) !== true) return undefined;
  return String(field).split(',')[0]?.trim().toLowerCase();
}
