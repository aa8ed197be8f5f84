import type { Client } from '../pg-shape.ts';
import type { Session } from './measure.ts';

interface Connection {
  /** undefined: not asked yet, or something was sent since that may have changed it. */
  session: Session | undefined;
  isDoubtful: boolean;
  isCheckedOut: boolean;
  /** What it was when the pool had it last, if it ever had: what a caller does with a connection counts when it comes back. */
  resting: Session | undefined;
}

/** Whether all connections that `pool.query` could land on answer alike. */
export class Sessions {
  readonly #connections = new Map<Client, Connection>();
  /** The one learned most recently, for what depends on the database only. */
  last: Session | undefined;

  of(client: Client): Session | undefined {
    return this.#connections.get(client)?.session;
  }

  isDoubtful(client: Client): boolean {
    return this.#connections.get(client)?.isDoubtful === true;
  }

  learn(client: Client, session: Session): void {
    const connection = this.#connection(client);
    connection.session = session;
    connection.isDoubtful = false;
    this.last = session;
  }

  /** Something was sent that may have changed the connection's session. */
  doubt(client: Client): void {
    const connection = this.#connection(client);
    connection.session = undefined;
    connection.isDoubtful = true;
  }

  checkOut(client: Client): void {
    this.#connection(client).isCheckedOut = true;
  }

  checkIn(client: Client): void {
    const connection = this.#connection(client);
    connection.isCheckedOut = false;
    connection.resting = connection.session ?? connection.resting;
  }

  forget(client: Client): void {
    this.#connections.delete(client);
  }

  /** The session that all connections share: `unknown` when none was ever asked, `mixed` when they differ or are in doubt. */
  shared(): Session | 'unknown' | 'mixed' {
    let shared: Session | undefined;
    for (const [client, { session, isDoubtful, isCheckedOut, resting }] of this.#connections) {
      // The pool has let go of it, and says so when it is gone.
      if (client._ending === true) continue;
      if (isDoubtful && !isCheckedOut) return 'mixed';
      const own = isCheckedOut ? resting : session;
      if (own !== undefined && shared !== undefined && own.id !== shared.id) return 'mixed';
      shared ??= own;
    }
    return shared ?? 'unknown';
  }

  #connection(client: Client): Connection {
    const known = this.#connections.get(client);
    if (known !== undefined) return known;
    const made = { session: undefined, isDoubtful: false, isCheckedOut: false, resting: undefined };
    this.#connections.set(client, made);
    return made;
  }
}
