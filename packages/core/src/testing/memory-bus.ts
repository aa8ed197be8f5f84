import type { Bus, Invalidation } from '../bus.ts';

export interface MemoryBus extends Bus {
  /** How many messages reached the bus and were delivered. */
  readonly delivered: number;
  /** Loses the next `count` messages silently. */
  lose(count: number): void;
  /** The connection is gone: publishing rejects, nothing arrives. */
  cut(): void;
  /** The connection is back, which every subscriber learns as a gap. */
  restore(): void;
  /** Tells every subscriber that something may have been missed. */
  gap(): void;
}

interface Subscriber {
  readonly on: (message: Invalidation) => void;
  readonly onGap: () => void;
}

/**
 * A bus within one process, for tests. Delivers before `publish` resolves, and confirms a subscription (`onGap`) in a microtask.
 * Shared by caches, so that `close` does nothing.
 */
export function memoryBus(): MemoryBus {
  const subscribers = new Set<Subscriber>();
  let connected = true;
  let toLose = 0;
  let delivered = 0;

  function gap(): void {
    for (const subscriber of subscribers) subscriber.onGap();
  }

  return {
    get delivered() {
      return delivered;
    },
    async publish(message) {
      if (!connected) throw new Error('memory bus: cut');
      await Promise.resolve();
      if (toLose > 0) {
        toLose -= 1;
        return;
      }
      delivered += 1;
      for (const subscriber of subscribers) subscriber.on(structuredClone(message));
    },
    async subscribe(on, onGap) {
      const subscriber = { on, onGap };
      subscribers.add(subscriber);
      queueMicrotask(() => {
        if (connected && subscribers.has(subscriber)) onGap();
      });
      return () => {
        subscribers.delete(subscriber);
      };
    },
    async close() {},
    lose(count) {
      toLose += count;
    },
    cut() {
      connected = false;
    },
    restore() {
      connected = true;
      gap();
    },
    gap,
  };
}
