import { KvasirError, type KvasirErrorCode } from '@kvasir/core';
import type { RedisClient } from './client.ts';

/** How long the first connection may take before callers are turned away at once: longer than any deadline a cache puts on us. */
const PATIENCE_MS = 1_000;
/** Calls without an answer, after which further ones are refused: a server that hangs costs some MB, not the heap. */
const MAX_UNANSWERED = 1_000;

/** Runs `work` when the client can answer, or rejects. Errors carry no arguments of the command, as ioredis's own do. */
export type Run = <T>(command: string, work: () => Promise<T>) => Promise<T>;

/**
 * ioredis queues commands while it has no connection, for as long as that takes: memory grows, and late commands still run after their caller has
 * given up. Here a client that cannot answer now rejects now. Only the very first connection is waited for, so that a cache can be used in
 * the same tick in which its client was made.
 */
export function reach(client: RedisClient, code: KvasirErrorCode): Run {
  let unanswered = 0;
  let firstConnection: Promise<void> | undefined;

  async function available(command: string): Promise<void> {
    const { status } = client;
    if (status === 'wait') client.connect().catch(() => {});
    if (status === 'wait' || status === 'connecting' || status === 'connect') {
      firstConnection ??= settled(client);
      await firstConnection;
    }
    if (client.status !== 'ready') throw unavailable(command, `the client is ${client.status}`);
  }

  function unavailable(command: string, reason: string): KvasirError {
    return new KvasirError(code === 'REMOTE_FAILED' ? 'REMOTE_UNAVAILABLE' : code, `redis ${command}: ${reason}`);
  }

  return async (command, work) => {
    if (client.status === 'ready') firstConnection ??= Promise.resolve();
    else await available(command);
    if (unanswered >= MAX_UNANSWERED) throw unavailable(command, `${unanswered} calls are unanswered`);
    unanswered += 1;
    try {
      return await work();
    } catch (error) {
      throw new KvasirError(code, `redis ${command}: ${describe(error)}`);
    } finally {
      unanswered -= 1;
    }
  };
}

/** Resolves when the connection attempt has an outcome, or patience ends. */
function settled(client: RedisClient): Promise<void> {
  return new Promise((resolve) => {
    const events = ['ready', 'close', 'end'];
    const timer = setTimeout(done, PATIENCE_MS);
    timer.unref();
    for (const event of events) client.once(event, done);
    function done(): void {
      clearTimeout(timer);
      for (const event of events) client.removeListener(event, done);
      resolve();
    }
  });
}

/** The first line only, cut: an error of ioredis also has `command.args`, with keys and values. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]?.slice(0, 200) ?? '';
}
