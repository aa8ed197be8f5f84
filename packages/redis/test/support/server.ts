import { randomUUID } from 'node:crypto';
import type { RedisServer } from '@kvasir/core/testing';
import { Redis, type RedisOptions } from 'ioredis';
import { onTestFinished } from 'vitest';

/** Before everything that a test file writes: the server may be somebody's own. */
export const RUN = `kvasir-test-${randomUUID()}:`;

/** A client that ends with the test. */
export function openClient(server: RedisServer, options: RedisOptions = {}): Redis {
  const client: Redis = new Redis(server.url, { ...options, replyMapping: 'legacy' });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}
