import { listMasters, type RedisClient, type RedisSubscriber } from './client.ts';

export interface Subscription {
  /** Whether messages arrive, as far as one can know. */
  readonly isLive: boolean;
  close(): void;
}

export interface SubscriptionEvents {
  message(text: string): void;
  /** The server has confirmed the subscription: what was said before is unknown, what is said from now on arrives. */
  live(): void;
  /** The connection that was live is gone, or silent. */
  lost(): void;
}

const RETRY_MS = { first: 50, max: 2_000 };
/** A peer that vanished says nothing, ever: it is asked this often, and given up when it does not answer. */
const PING_EVERY_MS = 500;
const ANSWER_MS = 1_000;
/** For connecting and subscribing together. ioredis itself waits without end when its first command is not answered. */
const HANDSHAKE_MS = 5_000;

/** How the connection differs from the caller's client: it must not retry, queue or resubscribe behind our back. */
const OVERRIDES = {
  lazyConnect: true,
  enableOfflineQueue: true,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  retryStrategy: () => null,
  keyPrefix: '',
  readOnly: false,
  connectTimeout: HANDSHAKE_MS,
  disconnectTimeout: 500,
};

/** Keeps one connection subscribed to `channel`, a new one whenever the old one fails, until it is closed. Its timers keep no process alive. */
export function subscribe(client: RedisClient, channel: string, events: SubscriptionEvents): Subscription {
  let connection: RedisSubscriber | undefined;
  let isLive = false;
  let isClosed = false;
  let attempts = 0;
  let timer: NodeJS.Timeout | undefined;

  function later(ms: number, run: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(run, ms);
    timer.unref();
  }

  function open(): void {
    const masters = listMasters(client);
    const node = masters[Math.floor(Math.random() * masters.length)];
    if (node !== undefined) return start(node.duplicate(OVERRIDES));
    // A cluster has no nodes before it is connected.
    if (client.status === 'wait') client.connect().catch(() => {});
    retry();
  }

  function start(opened: RedisSubscriber): void {
    connection = opened;
    opened.on('error', () => {});
    opened.on('end', () => giveUp(opened));
    opened.on('message', (_channel, text) => {
      if (opened === connection) events.message(text);
    });
    later(HANDSHAKE_MS, () => giveUp(opened));
    opened.subscribe(channel).then(
      () => {
        if (opened !== connection) return;
        isLive = true;
        attempts = 0;
        watch(opened);
        events.live();
      },
      () => giveUp(opened),
    );
  }

  function watch(watched: RedisSubscriber): void {
    if (watched !== connection) return;
    later(PING_EVERY_MS, () => {
      let isAnswered = false;
      watched.ping().then(
        () => {
          isAnswered = true;
        },
        () => giveUp(watched),
      );
      // Two turns for the answer that waits in the socket because it was this process that stalled.
      later(ANSWER_MS, () => setImmediate(() => setImmediate(() => (isAnswered ? watch(watched) : giveUp(watched)))));
    });
  }

  function giveUp(failed: RedisSubscriber): void {
    if (failed !== connection) return;
    connection = undefined;
    failed.disconnect();
    const wasLive = isLive;
    isLive = false;
    retry();
    if (wasLive) events.lost();
  }

  function retry(): void {
    if (isClosed) return;
    later(Math.min(RETRY_MS.first * 2 ** attempts, RETRY_MS.max), open);
    attempts += 1;
  }

  open();
  return {
    get isLive() {
      return isLive;
    },
    close() {
      isClosed = true;
      isLive = false;
      clearTimeout(timer);
      const last = connection;
      connection = undefined;
      last?.disconnect();
    },
  };
}
