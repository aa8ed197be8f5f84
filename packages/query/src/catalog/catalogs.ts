import type { Clock } from '@kvasir/core';
import type { Result } from '../pg-shape.ts';
import type { Session } from '../session/measure.ts';
import type { Analysis } from '../sql/analysis.ts';
import type { Ledger } from '../writes/ledger.ts';
import { Catalog } from './catalog.ts';
import { FACTS_SQL, type Facts } from './facts.ts';

/** After a catalog that could not be loaded, reads go to the database uncached for this long before it is tried again. */
const PAUSE_MS = 1_000;

interface Held {
  readonly catalog: Catalog;
  readonly session: string;
  readonly epoch: number;
  readonly loadedAt: number;
}

export interface CatalogsOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly maxAgeMs: number;
  readonly parse: (text: string) => Analysis;
}

/** Holds the catalog of the session that reads are cached for; loads it at first use, after schema changes and when it is too old. */
export class Catalogs {
  readonly #options: CatalogsOptions;
  #held: Held | undefined;
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
    const isYoung = this.#held !== undefined && clock.now() - this.#held.loadedAt < maxAgeMs;
    return isYoung ? this.latest(session) : undefined;
  }

  /** However old, as long as no change of the schema is known: a write inside a transaction cannot wait for another. */
  latest(session: Session): Catalog | undefined {
    const held = this.#held;
    if (held?.session !== session.id) return undefined;
    return held.epoch === this.#options.ledger.epochOf(session.database) ? held.catalog : undefined;
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
      const result = await ask({ text: FACTS_SQL, rowMode: 'array' });
      const [[json]] = result.rows as [[string]];
      const catalog = new Catalog(JSON.parse(json) as Facts, parse);
      this.#held = { catalog, session: session.id, epoch, loadedAt };
      return this.current(session);
    } catch {
      this.#pausedUntil = clock.now() + PAUSE_MS;
      return undefined;
    } finally {
      if (this.#loading?.epoch === epoch && this.#loading.session === session.id) this.#loading = undefined;
    }
  }
}
