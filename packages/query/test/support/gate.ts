import pg from 'pg';

export interface Gate {
  /** Resolves when as many backends wait for the lock. */
  waiting(backends: number): Promise<void>;
  open(): Promise<void>;
}

/** Holds an advisory lock that the statements under test ask for, so that they stand still at a known place; open at the latest when `run` ends. */
export async function withGate(config: pg.PoolConfig, lock: number, run: (gate: Gate) => Promise<void>): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  await client.query('SELECT pg_advisory_lock($1)', [lock]);
  const waiting = async (backends: number) => {
    const count = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted";
    for (let looked = 0; (await client.query(count, [lock])).rowCount !== backends; looked++)
      if (looked > 5_000) throw new Error(`${backends} backends did not come to wait for lock ${lock}`);
  };
  try {
    await run({ waiting, open: async () => void (await client.query('SELECT pg_advisory_unlock($1)', [lock])) });
  } finally {
    // Ends the session, and the lock with it.
    await client.end();
  }
}
