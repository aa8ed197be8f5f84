import type { ServerResponse } from 'node:http';

/** One member of a Cache-Status field, RFC 9211 section 2. */
export interface CacheStatus {
  readonly hit?: boolean;
  /** Why the request went forward, section 2.2. */
  readonly fwd?: 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'miss' | 'request' | 'stale' | 'partial';
  readonly fwdStatus?: number;
  /** Seconds of freshness left; negative when stale, section 2.4. */
  readonly ttl?: number;
  readonly stored?: boolean;
  readonly collapsed?: boolean;
  /** A short token, like `private` or `authorization`. Never data of the request. */
  readonly detail?: string;
}

/** `kvasir; hit; ttl=59`, `kvasir; fwd=uri-miss; fwd-status=200; stored`, `kvasir; fwd=bypass; detail=private`. */
export function formatCacheStatus(status: CacheStatus): string {
  let field = 'kvasir';
  if (status.hit === true) field += '; hit';
  if (status.fwd !== undefined) field += `; fwd=${status.fwd}`;
  if (status.fwdStatus !== undefined) field += `; fwd-status=${status.fwdStatus}`;
  if (status.ttl !== undefined) field += `; ttl=${Math.floor(status.ttl)}`;
  if (status.stored === true) field += '; stored';
  if (status.collapsed === true) field += '; collapsed';
  if (status.detail !== undefined) field += `; detail=${status.detail.replace(/[^A-Za-z0-9._:/-]/g, '-')}`;
  return field;
}

/** Sets the field on `res`, after the members that caches nearer to the origin put there (section 2). Does nothing once headers are sent. */
export function setCacheStatus(res: ServerResponse, status: CacheStatus): void {
  if (res.headersSent) return;
  const before = res.getHeader('cache-status');
  const own = formatCacheStatus(status);
  res.setHeader('cache-status', before === undefined ? own : `${String(before)}, ${own}`);
}
