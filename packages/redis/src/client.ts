import { invalidOption } from '@kvasir/core';

/** The part of an ioredis client (5.4+ or 6, also of iovalkey) that is used here. */
export interface RedisClient {
  readonly status: string;
  readonly isCluster: boolean;
  connect(): Promise<unknown>;
  getBuffer(key: string): Promise<Buffer | null>;
  mgetBuffer(keys: string[]): Promise<(Buffer | null)[]>;
  set(key: string, value: string | Buffer): Promise<unknown>;
  set(key: string, value: string | Buffer, px: 'PX', ms: number): Promise<unknown>;
  set(key: string, value: string, px: 'PX', ms: number, nx: 'NX'): Promise<unknown>;
  exists(key: string): Promise<number>;
  unlink(...keys: string[]): Promise<number>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  publish(channel: string, message: string): Promise<number>;
  pipeline(): RedisPipeline;
  on(event: string, listener: () => void): unknown;
  once(event: string, listener: () => void): unknown;
  removeListener(event: string, listener: () => void): unknown;
}

export interface RedisPipeline {
  set(key: string, value: Buffer): unknown;
  set(key: string, value: Buffer, px: 'PX', ms: number): unknown;
  exec(): Promise<[error: Error | null, reply: unknown][] | null>;
}

/** One connection: a client that is no cluster, or a node of one. */
export interface RedisNode {
  readonly status: string;
  publish(channel: string, message: string): Promise<number>;
  scan(cursor: string, match: 'MATCH', pattern: string, count: 'COUNT', perCall: number): Promise<[string, string[]]>;
  duplicate(options: Readonly<Record<string, unknown>>): RedisSubscriber;
}

export interface RedisSubscriber {
  subscribe(channel: string): Promise<unknown>;
  ping(): Promise<unknown>;
  disconnect(): void;
  on(event: 'end' | 'error', listener: () => void): unknown;
  on(event: 'message', listener: (channel: string, text: string) => void): unknown;
}

interface RedisCluster {
  nodes(role: 'master' | 'all'): RedisNode[];
}

const METHODS = [
  'connect',
  'getBuffer',
  'mgetBuffer',
  'set',
  'unlink',
  'eval',
  'publish',
  'pipeline',
  'duplicate',
  'on',
];

/** Throws INVALID_OPTION unless `client` looks like an ioredis client or cluster. */
export function checkClient(option: string, client: unknown): void {
  if (typeof client === 'object' && client !== null && 'status' in client) {
    const methods = client as unknown as Record<string, unknown>;
    if (METHODS.every((name) => typeof methods[name] === 'function')) return;
  }
  throw invalidOption(option, 'a client of ioredis 5.4 or newer', client);
}

/** The connections that share the keys: the client itself, or the cluster's masters. */
export function listMasters(client: RedisClient): readonly RedisNode[] {
  return client.isCluster ? (client as unknown as RedisCluster).nodes('master') : [client as unknown as RedisNode];
}

/** What keeps two prefixes apart: no prefix holds one of these, so no prefix can reach into another. */
export const KEY_MARK = '|';
export const LEASE_MARK = '!';

/** Throws INVALID_OPTION unless `prefix` can be told from every other prefix. */
export function checkPrefix(option: string, prefix: unknown): void {
  if (typeof prefix !== 'string' || prefix.length > 128 || /[|!\ud800-\udfff]/.test(prefix))
    throw invalidOption(option, "at most 128 characters without '|' and '!'", prefix);
}
