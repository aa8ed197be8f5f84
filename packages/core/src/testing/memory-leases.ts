import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../clock.ts';
import type { Leases } from '../leases.ts';

interface Held {
  readonly token: string;
  readonly expiresAt: number;
  readonly wakers: Set<() => void>;
}

/** Leases within one process, for tests of caches that share them; `close` does nothing. */
export function memoryLeases(options: { readonly clock?: Clock } = {}): Leases {
  const { clock = systemClock } = options;
  const leases = new Map<string, Held>();

  function find(key: string): Held | undefined {
    const held = leases.get(key);
    if (held === undefined || clock.now() < held.expiresAt) return held;
    leases.delete(key);
    return undefined;
  }

  return {
    async acquire(key, ttlMs) {
      if (find(key) !== undefined) return undefined;
      const token = randomUUID();
      leases.set(key, { token, expiresAt: clock.now() + ttlMs, wakers: new Set() });
      return { key, token };
    },
    async release(lease) {
      const held = find(lease.key);
      if (held === undefined || held.token !== lease.token) return;
      leases.delete(lease.key);
      for (const wake of held.wakers) wake();
    },
    async settled(key, timeoutMs) {
      const held = find(key);
      if (held === undefined) return;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(Math.min(timeoutMs, held.expiresAt - clock.now()), () => {
          held.wakers.delete(wake);
          resolve();
        });
        function wake(): void {
          cancel();
          resolve();
        }
        held.wakers.add(wake);
      });
    },
    async close() {},
  };
}
