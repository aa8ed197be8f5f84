import type { Client, WorkingPool } from './pg-shape.ts';
import type { Sessions } from './session/sessions.ts';
import type { Desk } from './writes/desk.ts';
import { Watch } from './writes/watch.ts';

export type WatchOf = (client: Client) => Watch;

/** Watches every client of the pool from the moment it is connected, or, if it was there before, checked out. */
export function watchClients(pool: WorkingPool, desk: Desk): WatchOf {
  const watches = new WeakMap<Client, Watch>();
  const watch = (client: Client, isNew: boolean): Watch => {
    const known = watches.get(client) ?? new Watch(client, desk, isNew);
    watches.set(client, known);
    return known;
  };
  // Before the caller's own listeners, which may send SET on a new connection.
  pool.prependListener('connect', (client: Client) => void watch(client, true));
  pool.prependListener('acquire', (client: Client) => {
    watch(client, false);
    desk.sessions.checkOut(client);
  });
  followReturns(pool, desk.sessions);
  return (client) => watch(client, false);
}

function followReturns(pool: WorkingPool, sessions: Sessions): void {
  pool.on('release', (error: unknown, client: Client) => {
    // A connection given back with an error is not used again.
    if (error) sessions.forget(client);
    else sessions.checkIn(client);
  });
  pool.on('remove', (client: Client) => sessions.forget(client));
}

/** Runs with a client of the pool and gives it back; after an error it is not used again, as with `pool.query`. */
export async function borrow<T>(pool: WorkingPool, watchOf: WatchOf, run: (watch: Watch) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // A connection that breaks fails its query, which is how the caller hears of it; the event alone would end the process.
  const ignore = (): void => {};
  client.on('error', ignore);
  let failure: unknown;
  try {
    return await run(watchOf(client));
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    client.release(failure);
    client.off('error', ignore);
  }
}
