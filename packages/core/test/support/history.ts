import type { CacheOptions, Namespace } from '@kvasir/core';
import type { Faults } from '@kvasir/core/testing';
import fc from 'fast-check';
import { type Gate, gate, makeWorld, type Process, type World } from './world.ts';

/** A value that tells when it was made. */
export interface Made {
  readonly key: string;
  readonly at: number;
}

const TAGS = ['a', 'b'] as const;
/** Which tags cover a key; the kind says how the cache comes to know. */
const KEYS = ['plain', 'one', 'two'] as const;
const TAGS_OF: Readonly<Record<string, readonly string[]>> = { plain: [], one: ['a'], two: ['a', 'b'] };
const KINDS = ['static', 'dynamic'] as const;

const FAULTS: readonly Faults[] = [
  { error: new Error('refused') },
  { hang: true },
  { on: ['setMany', 'deleteMany'], error: new Error('read only') },
  { on: ['setMany'], hang: true },
];

type Key = (typeof KEYS)[number];
type Kind = (typeof KINDS)[number];
type At = { readonly process: 0 | 1; readonly kind: Kind; readonly key: Key };

export type Step =
  | ({ readonly do: 'get' | 'getSync' | 'getEntry' | 'getOrLoad' | 'slowLoad' | 'set' | 'delete' | 'prefetch' } & At)
  | { readonly do: 'invalidate'; readonly process: 0 | 1; readonly tag: string }
  | { readonly do: 'clear' | 'heal'; readonly process: 0 | 1 }
  | { readonly do: 'fail'; readonly process: 0 | 1; readonly fault: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'finish'; readonly which: number }
  | { readonly do: 'settle' | 'gap' };

const process = fc.constantFrom(0 as const, 1 as const);
const at = { process, kind: fc.constantFrom(...KINDS), key: fc.constantFrom(...KEYS) };

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom('get', 'getSync', 'getEntry', 'getOrLoad', 'getOrLoad', 'slowLoad', 'prefetch'),
      ...at,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('set', 'delete'), ...at }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('invalidate'), process, tag: fc.constantFrom(...TAGS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear'), process }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail'), process, fault: fc.nat(FAULTS.length - 1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('heal'), process }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.constantFrom(1, 3, 10, 40, 300, 1_100, 20_000) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('finish'), which: fc.nat(9) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('settle') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('gap') }) },
) as fc.Arbitrary<Step>;

interface Slow extends Gate<void> {
  readonly id: number;
}

/**
 * Runs a history over two processes that share a remote store and a bus, and holds every answer against the model: for each process and key, the
 * moment before which nothing may have been made that is still served.
 */
export class History {
  readonly violations: string[] = [];
  readonly #world: World;
  readonly #processes: readonly Process[];
  readonly #namespaces: readonly Readonly<Record<Kind, Namespace<Made>>>[];
  readonly #isFailing = [false, false];
  readonly #floors: readonly Map<string, number>[] = [new Map(), new Map()];
  readonly #pending = new Set<Promise<unknown>>();
  readonly #slow: Slow[] = [];
  /** When each set ended: what ran beside it may count as earlier. */
  readonly #sets = new Map<number, number>();
  #time = 0;

  private constructor(world: World, processes: readonly Process[]) {
    this.#world = world;
    this.#processes = processes;
    this.#namespaces = processes.map(({ cache }) => ({
      static: cache.namespace<Made>('static'),
      dynamic: cache.namespace<Made>('dynamic', { tags: ({ key }) => TAGS_OF[key] ?? [] }),
    }));
  }

  static async start(options: Partial<CacheOptions>, latencyMs = 0): Promise<History> {
    const world = makeWorld({ latencyMs });
    return new History(world, [await world.start(options), await world.start(options)]);
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#take(step);
    for (const slow of this.#slow) slow.open();
    for (const { remote } of this.#processes) {
      remote.heal();
      remote.release();
    }
    for (let turn = 0; turn < 30 && this.#pending.size > 0; turn++) await this.#world.clock.advance(1_000);
    if (this.#pending.size > 0) this.violations.push(`${this.#pending.size} calls hang`);
    for (const index of [0, 1] as const)
      for (const kind of KINDS) for (const key of KEYS) await this.#take({ do: 'get', process: index, kind, key });
    await this.#world.clock.advance(1_000);
    const closed = Promise.all(this.#processes.map(({ cache }) => cache.close()));
    await this.#world.clock.advance(1_000);
    await closed;
  }

  async #take(step: Step): Promise<void> {
    const { clock, bus } = this.#world;
    this.#time += 1;
    if ('key' in step) return this.#touch(step);
    switch (step.do) {
      case 'settle':
        return clock.advance(0);
      case 'advance':
        return clock.advance(step.ms);
      case 'gap':
        return bus.gap();
      case 'finish':
        return this.#slow.splice(step.which % Math.max(1, this.#slow.length), 1)[0]?.open();
      case 'fail':
        // What is under way gets through first: the model cannot tell what of it did.
        await clock.advance(100);
        this.#isFailing[step.process] = true;
        return this.#processes[step.process]?.remote.fail(FAULTS[step.fault] ?? {});
      case 'heal':
        this.#isFailing[step.process] = false;
        this.#processes[step.process]?.remote.heal();
        return;
      case 'invalidate':
        return this.#end(step.process, this.#covered([step.tag]), ({ cache }) => cache.invalidateTags(step.tag));
      case 'clear':
        return this.#end(step.process, this.#covered(), ({ cache }) => cache.clear());
    }
  }

  #touch(step: Extract<Step, { readonly key: Key }>): void {
    const names = this.#namespaces[step.process];
    if (names === undefined) return;
    const { key } = step;
    const space = names[step.kind];
    const id = `${step.kind} ${key}`;
    const options = step.kind === 'static' ? { tags: TAGS_OF[key] ?? [] } : {};
    const make = (): Made => ({ key, at: this.#time });
    const read = (work: Promise<Made | undefined>): void => this.#read(step.process, id, step.do, work);
    if (step.do === 'getSync') read(Promise.resolve(space.getSync(key)));
    else if (step.do === 'get') read(space.get(key));
    else if (step.do === 'getEntry') read(space.getEntry(key).then((entry) => entry?.value));
    else if (step.do === 'getOrLoad') read(space.getOrLoad(key, make, options));
    else if (step.do === 'prefetch') space.prefetch([key], make, options);
    else if (step.do === 'delete') this.#end(step.process, [id], () => space.delete(key));
    else if (step.do === 'set') this.#set(step.process, id, () => space.set(key, make(), options));
    else {
      const slow = { ...gate(), id: this.#time };
      this.#slow.push(slow);
      const load = async (): Promise<Made> => {
        const made = make();
        await slow.promise;
        return made;
      };
      read(space.getOrLoad(key, load, options));
    }
  }

  /** An answer must not have been made before what had ended when it was asked for. */
  #read(index: 0 | 1, id: string, how: string, work: Promise<Made | undefined>): void {
    const floor = this.#floors[index]?.get(id) ?? 0;
    const askedAt = this.#time;
    const checked = work.then((made) => {
      if (made !== undefined && (this.#sets.get(made.at) ?? made.at) < floor)
        this.violations.push(
          `${how} of ${id} in process ${index} at ${askedAt}: made at ${made.at}, ended at ${floor}`,
        );
    });
    this.#follow(checked);
  }

  #set(index: 0 | 1, id: string, work: () => Promise<void>): void {
    const began = this.#time;
    this.#sets.set(began, Infinity);
    this.#end(index, [id], async () => {
      await work();
      this.#sets.set(began, this.#time);
    });
  }

  /** Deletes, sets, invalidates or clears: what was made before it began has ended once it is done. */
  #end(index: 0 | 1, ids: readonly string[], work: (process: Process) => Promise<void>): void {
    const process = this.#processes[index];
    if (process === undefined) return;
    const began = this.#time;
    const wasFailing = this.#isFailing[index];
    const done = work(process).then(() => {
      // While a process cannot reach the remote store, it can only answer for itself.
      const reached = wasFailing || this.#isFailing[index] ? [index] : [0, 1];
      for (const reader of reached)
        for (const id of ids) {
          const floors = this.#floors[reader];
          floors?.set(id, Math.max(began, floors.get(id) ?? 0));
        }
    });
    this.#follow(done);
  }

  #covered(tags?: readonly string[]): string[] {
    return KINDS.flatMap((kind) => KEYS.map((key) => ({ id: `${kind} ${key}`, key })))
      .filter(({ key }) => tags === undefined || TAGS_OF[key]?.some((tag) => tags.includes(tag)))
      .map(({ id }) => id);
  }

  #follow(work: Promise<unknown>): void {
    this.#pending.add(work);
    const settled = (): void => void this.#pending.delete(work);
    work.then(settled, (error: unknown) => {
      settled();
      this.violations.push(`rejected: ${String(error)}`);
    });
  }
}
