import type { Client } from '../pg-shape.ts';
import type { Session } from './measure.ts';

/**
 * Whether all connections that `pool.query` could land on answer alike. A connection counts while it lies in the pool; what a caller does
 * with one that it has checked out is between the two of them until it is released.
 */
export class Sessions {
  readonly #known = new Map<Client, Session>();
  readonly #doubtful = new Set<Client>();
  readonly #checkedOut = new Set<Client>();
  /** The one learned or given back most recently. */
  last: Session | undefined;

  of(client: Client): Session | undefined {
    return this.#doubtful.has(client) ? undefined : this.#known.get(client);
  }

  learn(client: Client, session: Session): void {
    this.#known.set(client, session);
    this.#doubtful.delete(client);
    this.last ??= session;
  }

  /** Something was sent that may have changed the connection's session. */
  doubt(client: Client): void {
    this.#doubtful.add(client);
  }

  isDoubtful(client: Client): boolean {
    return this.#doubtful.has(client);
  }

  checkOut(client: Client): void {
    this.#checkedOut.add(client);
  }

  checkIn(client: Client): void {
    this.#checkedOut.delete(client);
    const session = this.of(client);
    if (session !== undefined) this.last = session;
  }

  forget(client: Client): void {
    this.#known.delete(client);
    this.#doubtful.delete(client);
    this.#checkedOut.delete(client);
  }

  /** The session that every connection in the pool shares: `unknown` when none was ever asked, `mixed` when they differ or are in doubt. */
  shared(): Session | 'unknown' | 'mixed' {
    let shared: Session | undefined;
    for (const [client, session] of this.#known) {
      if (this.#checkedOut.has(client)) continue;
      if (this.#doubtful.has(client)) return 'mixed';
      if (shared !== undefined && shared.id !== session.id) return 'mixed';
      shared = session;
    }
    return shared ?? this.last ?? 'unknown';
  }
}
