import type { Namespace } from '@kvasir/core';
import type { Call } from './call.ts';
import type { Catalog } from './catalog/catalog.ts';
import { resolveReads } from './catalog/resolve.ts';
import { digest, encodeValues, valuesReadClock } from './key.ts';
import type { Result } from './pg-shape.ts';
import { type KeptResult, keep, restore, UNPARSED_CELLS, weigh } from './result.ts';
import type { Scope } from './scope.ts';
import type { Session } from './session/measure.ts';
import type { Analysis } from './sql/analysis.ts';
import { databaseTag, tableTag } from './tags.ts';
import type { Desk } from './writes/desk.ts';
import type { Watch } from './writes/watch.ts';

export interface ReadsOptions {
  readonly desk: Desk;
  readonly results: Namespace<KeptResult>;
  readonly ttlMs: number;
  readonly maxResultBytes: number;
  /** Runs with a connection of the pool. */
  readonly borrow: <T>(run: (watch: Watch) => Promise<T>) => Promise<T>;
}

/** Everything that one SELECT needs to be looked up. */
interface Plan {
  readonly key: string;
  readonly tags: readonly string[];
  readonly session: Session;
  readonly catalog: Catalog;
}

/** Answers SELECTs from the cache. Whatever it is not sure of, it leaves to the pool: `undefined`. */
export class Reads {
  readonly #options: ReadsOptions;
  #preparing: Promise<void> | undefined;

  constructor(options: ReadsOptions) {
    this.#options = options;
  }

  /** Rejects only with the database's own error. */
  async answer(call: Call, analysis: Analysis, scope: Scope | undefined): Promise<Result | undefined> {
    if (scope?.bypasses() === true) return undefined;
    const plan = this.#plan(call, analysis) ?? (await this.#planAfterLooking(call, analysis));
    if (plan === undefined || this.#options.desk.ledger.isMarked(plan.tags)) return undefined;
    const near = this.#options.results.getSync(plan.key);
    const { value, isHit } = near === undefined ? await this.#resolve(call, plan) : { value: near, isHit: true };
    if (value === undefined) return undefined;
    scope?.count(isHit ? 'hit' : 'miss');
    return restore(value, plan.session, call.rowMode, call.types);
  }

  async #resolve(call: Call, plan: Plan): Promise<{ value: KeptResult | undefined; isHit: boolean }> {
    const { results, ttlMs, maxResultBytes } = this.#options;
    const ttl = (kept: KeptResult): number => (weigh(kept) > maxResultBytes ? 0 : ttlMs);
    // undefined leaves everyone who waits to the pool.
    const load = () => this.#load(call, plan) as Promise<KeptResult>;
    const { value, outcome } = await results.resolve(plan.key, load, { tags: plan.tags, ttl });
    return { value, isHit: outcome === 'hit' };
  }

  #plan(call: Call, analysis: Analysis): Plan | undefined {
    const { sessions, catalogs } = this.#options.desk;
    const session = sessions.shared();
    if (typeof session === 'string' || !session.isCacheable) return undefined;
    const catalog = catalogs.current(session);
    const reading = catalog === undefined ? undefined : resolveReads(analysis, catalog);
    if (catalog === undefined || reading?.refusal !== undefined || reading === undefined) return undefined;
    const key = keyOf(call, session);
    if (key === undefined) return undefined;
    const tags = reading.tables.map((table) => tableTag(session.database, table));
    return { key, tags: [databaseTag(session.database), ...tags], session, catalog };
  }

  /** Looks at the database first, if what is missing is the session or the catalog. */
  async #planAfterLooking(call: Call, analysis: Analysis): Promise<Plan | undefined> {
    const { sessions, catalogs } = this.#options.desk;
    const session = sessions.shared();
    if (session === 'mixed' || (session !== 'unknown' && catalogs.current(session) !== undefined)) return undefined;
    await this.prepare();
    return this.#plan(call, analysis);
  }

  /** Learns session and catalog through a connection of the pool; at most one at a time. */
  prepare(): Promise<void> {
    this.#preparing ??= this.#options
      .borrow((watch) => watch.prepare())
      // The pool cannot connect: the caller's own query will say so.
      .then(ignore, ignore)
      .finally(() => {
        this.#preparing = undefined;
      });
    return this.#preparing;
  }

  /** undefined when the connection that the pool gave, or what happened since the stamps were read, makes the result unfit for others. */
  #load(call: Call, plan: Plan): Promise<KeptResult | undefined> {
    return this.#options.borrow(async (watch) => {
      await watch.prepare();
      // The caller's values may be others by now, after the wait for a connection.
      const isFit = this.#isFit(watch, plan) && keyOf(call, plan.session) === plan.key;
      return isFit ? keep(await watch.ask(rawQuery(call))) : undefined;
    });
  }

  /** Holds only until the next await. */
  #isFit(watch: Watch, { session, catalog, tags }: Plan): boolean {
    const { ledger, catalogs } = this.#options.desk;
    const isAlike = watch.isFree && watch.session?.id === session.id && watch.session.isCacheable;
    return isAlike && catalogs.current(session) === catalog && !ledger.isMarked(tags);
  }
}

function ignore(): void {}

/** undefined when the values cannot be told from others, or mean another thing at another time. */
function keyOf({ text, values }: Call, session: Session): string | undefined {
  const encoded = encodeValues(values);
  return encoded === undefined || valuesReadClock(values) ? undefined : digest(session.id, text ?? '', encoded);
}

function rawQuery({ text, name, values }: Call): object {
  const query = { text, rowMode: 'array', types: UNPARSED_CELLS };
  return { ...query, ...(name === undefined ? {} : { name }), ...(values === undefined ? {} : { values }) };
}
