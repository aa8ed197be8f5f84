import { type Entry, freshness } from '../entry.ts';
import { KvasirError } from '../errors.ts';
import type { Loader } from '../namespace.ts';
import { sizeOf } from '../size-of.ts';
import type { Budget } from '../tier/budget.ts';
import { withDeadline } from '../tier/deadline.ts';
import type { Engine } from './engine.ts';
import type { Arrival, Flight } from './flights.ts';
import type { Place } from './places.ts';
import type { Race } from './races.ts';
import { type Rules, tagsOf, ttlOf } from './rules.ts';

/** One load: what it is for, and what must be known of the time before it began. */
export interface LoadTask<V> {
  readonly place: Place;
  /** As the caller said it. */
  readonly ownKey: string;
  readonly load: Loader<V>;
  readonly rules: Rules<V>;
  readonly race: Race;
  readonly flight: Flight;
  readonly budget: Budget;
  /** What is there but no longer fresh. */
  readonly stale: Entry<V> | undefined;
}

/** `written` resolves when the remote tier has the value, or never will. */
export interface Loaded {
  readonly arrival: Arrival;
  readonly written: Promise<unknown>;
}

const NOTHING_WRITTEN: Promise<unknown> = Promise.resolve();

/** Runs the loader and keeps what it brings, unless that was overtaken. Rejects with the loader's own error. */
export async function load<V>(engine: Engine, task: LoadTask<V>): Promise<Loaded> {
  const { rules, race, flight, budget } = task;
  const { stamps } = engine;
  const before = typeof rules.tags === 'function' ? undefined : await budget.spend(stamps.read(rules.tags), noStamps);
  flight.controller.signal.throwIfAborted();
  const startedAt = engine.clock.now();
  flight.mark = stamps.mark;
  const value = await callLoader(engine, task);
  const now = engine.clock.now();
  const ttl = value === undefined ? 0 : ttlOf(rules, value);
  const tags = value === undefined && typeof rules.tags === 'function' ? undefined : tagsOf(rules, value);
  const unkept: Loaded = {
    arrival: { value, entry: undefined, outcome: 'load', tier: undefined, tags },
    written: NOTHING_WRITTEN,
  };
  if (tags === undefined || ttl === 0) return unkept;
  const proof =
    typeof rules.tags === 'function'
      ? await budget.spend(stamps.readAfter(tags, flight.mark, startedAt), noStamps)
      : before;
  if (proof === undefined || race.lost || flight.controller.signal.aborted || engine.isClosed) return unkept;
  const entry = makeEntry(value, rules, { now, ttl, tags, stamps: proof, cost: now - startedAt });
  if (stamps.areCurrent(entry) === false) return unkept;
  const written = engine.keepLoaded(task.place, entry, rules.codec);
  return { arrival: { ...unkept.arrival, entry }, written };
}

function noStamps(): undefined {
  return undefined;
}

export function makeEntry<V>(
  value: V,
  rules: Rules<V>,
  made: { now: number; ttl: number; tags: readonly string[]; stamps: readonly string[]; cost: number },
): Entry<V> {
  const staleAt = made.now + made.ttl;
  return {
    value,
    storedAt: made.now,
    staleAt,
    expiresAt: staleAt + rules.grace,
    tags: made.tags,
    stamps: made.stamps,
    size: rules.codec.sizeOf?.(value) ?? sizeOf(value),
    cost: made.cost,
  };
}

/** What was loaded before and may be served in place of a failed load, if anything. */
export async function fallBack<V>(engine: Engine, stale: Entry<V> | undefined): Promise<Entry<V> | undefined> {
  if (stale === undefined || freshness(stale, engine.clock.now()) === 'expired') return undefined;
  return stale.tags.length === 0 || (await engine.stamps.verify(stale)) ? stale : undefined;
}

async function callLoader<V>(engine: Engine, task: LoadTask<V>): Promise<V> {
  const { ownKey, rules, stale } = task;
  const { controller } = task.flight;
  const startedAt = engine.clock.now();
  let ok = false;
  try {
    // An async function, so that a loader that throws at once rejects like any other.
    const work = (async () => task.load({ key: ownKey, signal: controller.signal, stale }))();
    const value = await withDeadline(work, rules.deadline, engine.clock, () => {
      const late = new KvasirError('LOAD_TIMEOUT', `load: expected a value within ${rules.deadline} ms, got none`);
      controller.abort(late);
      return late;
    });
    ok = true;
    return value;
  } finally {
    engine.reporter.loaded(task.place.full, engine.clock.now() - startedAt, ok);
  }
}
