import { AsyncLocalStorage } from 'node:async_hooks';

/** What the queries of one request have to do with the cache. */
export interface Scope {
  /** Reads go to the database and are not kept. */
  readonly bypasses: () => boolean;
  readonly count: (outcome: 'hit' | 'miss' | 'bypass') => void;
  /** Something was written, or may have been. */
  readonly wrote: () => void;
}

const scopes = new AsyncLocalStorage<Scope>();

export function runInScope(scope: Scope, run: () => void): void {
  scopes.run(scope, run);
}

export function currentScope(): Scope | undefined {
  return scopes.getStore();
}
