export interface Lease {
  readonly key: string;
  /** Random: only its holder can release it. */
  readonly token: string;
}

/** Lets one process of many run a load while the others wait for its value. */
export interface Leases {
  /** The lease, or undefined when another process holds it. It lapses by itself after `ttlMs`. */
  acquire(key: string, ttlMs: number): Promise<Lease | undefined>;
  /** Releases if the token still holds it, and wakes who waits in `settled`. */
  release(lease: Lease): Promise<void>;
  /** Resolves when the lease on `key` is gone or `timeoutMs` have passed, whichever is first. */
  settled(key: string, timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}
