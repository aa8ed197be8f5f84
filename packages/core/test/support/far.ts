import type { Bus, Clock, RemoteStore } from '@kvasir/core';

/** `store` at the end of a wire that takes `ms` each way. */
export function farStore(store: RemoteStore, clock: Clock, ms: number): RemoteStore {
  const travel = (): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  const ask = async <T>(work: () => Promise<T>): Promise<T> => {
    await travel();
    const answer = await work();
    await travel();
    return answer;
  };
  return {
    ...store,
    getMany: (keys) => ask(() => store.getMany(keys)),
    setMany: (writes) => ask(() => store.setMany(writes)),
    deleteMany: (keys) => ask(() => store.deleteMany(keys)),
    clear: () => ask(() => store.clear()),
  };
}

/** `bus` whose messages take `ms`; publishing resolves when they have arrived. */
export function farBus(bus: Bus, clock: Clock, ms: number): Bus {
  return {
    async publish(message) {
      await new Promise<void>((resolve) => clock.after(ms, resolve));
      await bus.publish(message);
    },
    subscribe: (on, onGap) => bus.subscribe(on, onGap),
    close: () => bus.close(),
  };
}
