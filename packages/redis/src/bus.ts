import { randomBytes } from 'node:crypto';
import { type Bus, checkKnown, type Invalidation, invalidOption, KvasirError } from '@kvasir/core';
import { checkClient, listMasters, type RedisClient, type RedisNode } from './client.ts';
import { DEFAULTS } from './defaults.ts';
import { decodeFrame, encodeFrame } from './frames.ts';
import { reach } from './reach.ts';
import { Senders } from './senders.ts';
import { type Subscription, subscribe } from './subscription.ts';

export interface RedisBusOptions {
  /** An ioredis client or cluster. Publishes; stays the caller's. Its options are copied for a second connection, which listens. */
  readonly client: RedisClient;
  /** Caches that share a prefix share a channel. Default 'kvasir:bus'. */
  readonly channel?: string;
}

/** Until what could not be published is told again, when it was no lost connection that prevented it (NOPERM, a command timeout). */
const DEBT_MS = 1_000;
/** States of a connection that will not answer soon. */
const GONE: readonly string[] = ['close', 'reconnecting', 'end'];

interface Listener {
  readonly on: (message: Invalidation) => void;
  readonly onGap: () => void;
}

/**
 * Invalidations over Redis pub/sub, which keeps nothing for who is away. So every frame is numbered, and a listener is told of a gap when the
 * subscription is confirmed, when its connection is lost, when a number is missing and when a frame cannot be read.
 */
export function redisBus(options: RedisBusOptions): Bus {
  checkKnown('redisBus()', options, ['client', 'channel']);
  const { client, channel = DEFAULTS.channel } = options;
  checkClient('redisBus() client', client);
  if (typeof channel !== 'string' || channel.length === 0)
    throw invalidOption('redisBus() channel', 'a string that is not empty', channel);

  const run = reach(client, 'BUS_FAILED');
  const from = randomBytes(9).toString('base64url');
  const listeners = new Set<Listener>();
  const senders = new Senders();
  let sequence = 0;
  let subscription: Subscription | undefined;
  let isClosed = false;
  // A frame of ours did not get through, and nobody has been told.
  let owesGap = false;
  let reminder: NodeJS.Timeout | undefined;

  let node: RedisNode | undefined;

  /** On a cluster always the same master while it lives: what goes through several may arrive out of order. */
  function publisher(): Pick<RedisNode, 'publish'> {
    if (!client.isCluster) return client;
    const masters = listMasters(client);
    if (node === undefined || !masters.includes(node) || GONE.includes(node.status))
      node = masters.find(({ status }) => !GONE.includes(status));
    return node ?? client;
  }

  async function send(message: Invalidation | undefined): Promise<void> {
    sequence += 1;
    const frame = encodeFrame({ from, sequence, message });
    try {
      await run('PUBLISH', () => publisher().publish(channel, frame));
    } catch (error) {
      owesGap = true;
      reminder ??= setTimeout(remind, DEBT_MS).unref();
      throw error;
    }
  }

  function remind(): void {
    reminder = undefined;
    if (client.status === 'ready') settleDebt();
  }

  function settleDebt(): void {
    if (!owesGap || isClosed) return;
    owesGap = false;
    send(undefined).catch(() => {});
  }

  function tellGap(): void {
    for (const listener of listeners) listener.onGap();
  }

  function receive(text: string): void {
    const frame = decodeFrame(text);
    if (frame === undefined) return tellGap();
    const arrival = senders.arrive(frame);
    if (arrival === 'repeated') return;
    const { message } = frame;
    if (message !== undefined) for (const listener of listeners) listener.on(message);
    if (message === undefined || arrival === 'after a gap') tellGap();
  }

  function startOver(): void {
    senders.forget();
    tellGap();
  }

  client.on('ready', settleDebt);

  return {
    async publish(message) {
      if (isClosed) throw new KvasirError('CLOSED', 'redis bus: closed');
      await send(message);
    },
    async subscribe(on, onGap) {
      if (isClosed) throw new KvasirError('CLOSED', 'redis bus: closed');
      const listener = { on, onGap };
      listeners.add(listener);
      if (subscription === undefined)
        subscription = subscribe(client, channel, { message: receive, live: startOver, lost: startOver });
      else if (subscription.isLive) queueMicrotask(onGap);
      return () => {
        listeners.delete(listener);
      };
    },
    async close() {
      isClosed = true;
      client.removeListener('ready', settleDebt);
      clearTimeout(reminder);
      listeners.clear();
      subscription?.close();
    },
  };
}
