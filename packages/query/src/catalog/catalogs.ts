import type { Clock } from '@kvasir/core';
import type { Result } from '../pg-shape.ts';
import { UNPARSED_CELLS } from '../result.ts';
import type { Session } from '../session/measure.ts';
import type { Analysis } from '../sql/analysis.ts';
import type { Ledger } from '../writes/ledger.ts';
import { Catalog } from './catalog.ts';
import { FACTS_SQL, type Facts } from './facts.ts';

/** After a catalog that could not be loaded, reads go to the database uncached for this long before it is tried again. */
const PAUSE_MS = 1_000;

/** One for each session in use: a role or search path that connections change to and back needs no new look each time. */
const MOST_CATALOGS = 8;

interface Held {
  readonly catalog: Catalog;
  readonly epoch: number;
  readonly loadedAt: number;
}

export interface CatalogsOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly maxAgeMs: number;
  readonly parse: (text: string) => Analysis;
}

/** Holds the catalog as each session sees it; loads it at first use, after schema changes and when it is too old. */
export class Catalogs {
  readonly #options: CatalogsOptions;
  readonly #held = new Map<string, Held>();
  #loading:
    | { readonly session: string; readonly epoch: number; readonly done: Promise<Catalog | undefined> }
    | undefined;
  #pausedUntil = 0;

  constructor(options: CatalogsOptions) {
    this.#options = options;
  }

  /** undefined when it must be loaded (again) before something is kept. */
  current(session: Session): Catalog | undefined {
    const { clock, maxAgeMs } = this.#options;
    const held = this.#held.get(session.id);
    return held !== undefined && clock.now() - held.loadedAt < maxAgeMs ? this.latest(session) : undefined;
  }

  /** However old, as long as no change of the schema is known: a write inside a transaction cannot wait for another. */
  latest(session: Session): Catalog | undefined {
    const held = this.#held.get(session.id);
    return held?.epoch === this.#options.ledger.epochOf(session.database) ? held.catalog : undefined;
  }

  /** The current catalog, loaded through `ask` if need be; concurrent calls share one load. undefined when it cannot be had. Never rejects. */
  load(session: Session, ask: (config: object) => Promise<Result>): Promise<Catalog | undefined> {
    const current = this.current(session);
    if (current !== undefined || this.#options.clock.now() < this.#pausedUntil) return Promise.resolve(current);
    const epoch = this.#options.ledger.epochOf(session.database);
    const loading = this.#loading;
    if (loading?.session === session.id && loading.epoch === epoch) return loading.done;
    const done = this.#fetch(session, epoch, ask);
    this.#loading = { session: session.id, epoch, done };
    return done;
  }

  async #fetch(
    session: Session,
    epoch: number,
    ask: (config: object) => Promise<Result>,
  ): Promise<Catalog | undefined> {
    const { clock, parse } = this.#options;
    const loadedAt = clock.now();
    try {
      const result = await ask({ text: FACTS_SQL, rowMode: 'array', types: UNPARSED_CELLS });
      const [[json]] = result.rows as [[string]];
      const catalog = new Catalog(JSON.parse(json) as Facts, parse);
      this.#hold(session.id, { catalog, epoch, loadedAt });
      return this.current(session);
    } catch {
      this.#pausedUntil = clock.now() + PAUSE_MS;
      return undefined;
    } finally {
      if (this.#loading?.epoch === epoch && this.#loading.session === session.id) this.#loading = undefined;
    }
  }

  #hold(session: string, held: Held): void {
    this.#held.delete(session);
    this.#held.set(session, held);
    const [oldest] = this.#held.keys();
    if (this.#held.size > MOST_CATALOGS && oldest !== undefined) this.#held.delete(oldest);
  }
}
