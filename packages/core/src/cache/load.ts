import { type Entry, freshness } from '../entry.ts';
import { KvasirError } from '../errors.ts';
import type { Loader } from '../namespace.ts';
import { sizeOf } from '../size-of.ts';
import { withDeadline } from '../tier/deadline.ts';
import type { Engine } from './engine.ts';
import type { Arrival } from './flights.ts';
import { checkTags } from './key.ts';
import type { Race } from './races.ts';
import { type Rules, ttlOf } from './rules.ts';

/** One load: what it is for, and what must be known of the time before it began. */
export interface LoadTask<V> {
  readonly key: string;
  /** As the caller said it. */
  readonly ownKey: string;
  readonly load: Loader<V>;
  readonly rules: Rules<V>;
  readonly race: Race;
  readonly controller: AbortController;
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
  const { rules, race } = task;
  const { mark } = engine.stamps;
  const startedAt = engine.clock.now();
  const stampsBefore = Array.isArray(rules.tags)
    ? await engine.stamps.read(rules.tags as readonly string[])
    : undefined;
  const value = await callLoader(engine, task);
  const now = engine.clock.now();
  const ttl = value === undefined ? 0 : ttlOf(rules, value);
  const tags = value === undefined ? [] : typeof rules.tags === 'function' ? checkTags(rules.tags(value)) : rules.tags;
  const unkept: Loaded = {
    arrival: { value, entry: undefined, outcome: 'load', tier: undefined },
    written: NOTHING_WRITTEN,
  };
  if (value === undefined || ttl === 0 || engine.isClosed) return unkept;
  const stamps = Array.isArray(rules.tags) ? stampsBefore : await engine.stamps.readAfter(tags, mark, startedAt);
  if (stamps === undefined || race.lost || task.controller.signal.aborted) return unkept;
  const entry = makeEntry(value, rules, { now, ttl, tags, stamps, cost: now - startedAt });
  if (engine.stamps.areCurrent(entry) === false) return unkept;
  const written = engine.keep(task.key, entry, rules.codec);
  return { arrival: { ...unkept.arrival, entry }, written };
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
  const { controller, ownKey, rules, stale } = task;
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
    engine.reporter.loaded(task.key, engine.clock.now() - startedAt, ok);
  }
}
