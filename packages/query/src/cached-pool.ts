import type { Cache } from '@kvasir/core';
import { borrow, watchClients } from './borrow.ts';
import { type Call, type Callback, readCall } from './call.ts';
import { Catalogs } from './catalog/catalogs.ts';
import { resolveNames } from './catalog/resolve.ts';
import { type CachedPoolOptions, checkPool, readOptions } from './options.ts';
import type { PgPool, QueryArguments, WorkingPool } from './pg-shape.ts';
import { Reads } from './reads.ts';
import type { KeptResult } from './result.ts';
import { currentScope, type Scope } from './scope.ts';
import { Sessions } from './session/sessions.ts';
import { Analyses, loadParser, parserIsLoaded } from './sql/parser.ts';
import { standIn } from './stand-in.ts';
import { databaseTag, tableTag } from './tags.ts';
import { Desk } from './writes/desk.ts';
import { ledgerOf } from './writes/ledger.ts';

/** What a cached pool has besides what its pool has. */
export interface CachedPool {
  /**
   * Says that rows changed by other means than this process: `invalidate('orders', 'shop.items')`, names as in the catalog. Tables that
   * change with them by foreign keys are included. Without names, with one that is not found, or while the schema is not known: the whole database.
   */
  invalidate(...tables: string[]): Promise<void>;
  /** Where results are kept: for `on`, `stats`, `close`. */
  readonly cache: Cache;
}

/**
 * A stand-in for `pool` that answers SELECTs from cache. Everything else is the pool's own, and its clients are watched, so writes count
 * whichever of the two they come through. `pool` stays the caller's to end, and a cache that was passed in to close. Throws INVALID_OPTION.
 */
export function cachedPool<P extends PgPool>(pool: P, options: CachedPoolOptions = {}): P & CachedPool {
  const target = checkPool(pool);
  const { cache, ttlMs, maxResultBytes, maxCatalogAgeMs, clock } = readOptions(options);
  const ledger = ledgerOf(cache);
  const sessions = new Sessions();
  const analyses = new Analyses();
  const catalogs = new Catalogs({ ledger, clock, maxAgeMs: maxCatalogAgeMs, parse: (text) => analyses.of(text) });
  const desk = new Desk({ cache, ledger, sessions, catalogs, analyses });
  const watchOf = watchClients(target, desk);
  const results = cache.namespace<KeptResult>('query', { grace: 0 });
  const reads = new Reads({ desk, results, ttlMs, maxResultBytes, borrow: (run) => borrow(target, watchOf, run) });
  // Early, so that the first query need not wait for all of it. Whoever needs the parser asks again and sees the error.
  loadParser().catch(() => undefined);
  return standIn(pool, {
    cache,
    query: (...args: QueryArguments) => new Query(target, desk, reads).run(args),
    invalidate: (...tables: string[]) => invalidate(desk, reads, tables),
  });
}

/** One call of `query` on the stand-in. */
class Query {
  readonly #pool: WorkingPool;
  readonly #desk: Desk;
  readonly #reads: Reads;
  readonly #scope: Scope | undefined = currentScope();

  constructor(pool: WorkingPool, desk: Desk, reads: Reads) {
    this.#pool = pool;
    this.#desk = desk;
    this.#reads = reads;
  }

  run(args: QueryArguments): unknown {
    const call = readCall(args);
    const isPlain = call?.text !== undefined && !call.special && (!parserIsLoaded() || this.#isRead(call.text));
    // After its end the pool refuses queries, and kept rows are no reason not to.
    if (call === undefined || !isPlain || this.#pool.ending === true) {
      if (call === undefined || this.#mayWrite(call)) this.#scope?.wrote();
      return this.#pool.query(...args);
    }
    const answer = this.#answer(call, args);
    // A callback in the config is for clients: a pool passes over it.
    const callback = args.slice(1).find((arg): arg is Callback => typeof arg === 'function');
    if (callback === undefined) return answer;
    // In a tick of its own: what a callback throws is uncaught, as it is in node-postgres.
    answer.then(
      (result) => process.nextTick(callback, undefined, result),
      (error) => process.nextTick(callback, error),
    );
    return undefined;
  }

  async #answer(call: Call, args: QueryArguments): Promise<unknown> {
    await loadParser().catch(() => undefined);
    const analysis = this.#desk.analyses.of(call.text ?? '');
    if (analysis.refusal === undefined) {
      const kept = await this.#reads.answer(call, analysis, this.#scope);
      if (kept !== undefined) return kept;
      this.#scope?.count('bypass');
    }
    if (this.#mayWrite(call)) this.#scope?.wrote();
    return this.#pool.query(args[0], typeof args[1] === 'function' ? undefined : args[1]);
  }

  #isRead(text: string): boolean {
    return this.#desk.analyses.of(text).refusal === undefined;
  }

  #mayWrite({ text }: Call): boolean {
    return text === undefined || !parserIsLoaded() || this.#desk.mayWrite(this.#desk.analyses.of(text));
  }
}

async function invalidate({ cache, catalogs, sessions }: Desk, reads: Reads, tables: readonly string[]): Promise<void> {
  await loadParser().catch(() => undefined);
  if (sessions.last === undefined) await reads.prepare();
  const { last } = sessions;
  // Not even the database's name is known, as nothing could connect to it.
  if (last === undefined) return cache.clear();
  // Nothing is asked for here: who holds the only connection of the pool would wait for itself.
  const session = sessions.shared();
  const catalog = typeof session === 'string' ? undefined : catalogs.current(session);
  const found = catalog === undefined || tables.length === 0 ? undefined : resolveNames(tables, catalog);
  const tags = found?.map((table) => tableTag(last.database, table)) ?? [databaseTag(last.database)];
  await cache.invalidateTags(...tags);
}
