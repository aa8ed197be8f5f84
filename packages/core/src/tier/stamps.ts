/**
 * Invalidation by stamps.
 *
 * Every tag has a stamp, a random token. An entry keeps the stamps that its tags had before its load began, and is served only while they are still
 * current. Invalidating a tag is giving it a new stamp: O(1), whatever it covers, and a load that raced it has stored something nobody will serve.
 * A stamp that was lost (evicted, expired) is replaced by a new one, so it reads as "changed", never as "unchanged".
 *
 * Stamps live in the remote tier when there is one. Each process keeps copies, told of changes by the bus, and believes a copy for `maxAgeMs` at most.
 * When the remote tier cannot be asked, nothing tagged can be proven: it is not served and not kept.
 * Tags that depend on the value are only known after the load. Such a tag is safe when its stamp was known before the load and did not change, did not exist
 * anywhere (so nobody invalidated it), or was made longer ago than clocks can disagree.
 */
import { randomBytes } from 'node:crypto';
import type { Clock, EpochMs } from '../clock.ts';
import { structured } from '../codec.ts';
import type { Entry } from '../entry.ts';
import type { RemoteTier } from './remote-tier.ts';
import type { Repairs } from './repairs.ts';

interface Copy {
  readonly stamp: string;
  /** Order of local events, to tell what was known before a load began. */
  readonly since: number;
  readonly learnedAt: EpochMs;
}

/** Tags beyond this lose their copy, least recently changed first: entries under them miss once. About 20 MB. */
const MAX_COPIES = 100_000;
/** Longer than entries live in practice; a stamp that lapses costs a miss. */
const STAMP_TTL_MS = 30 * 86_400_000;
/** How far the clocks of two machines may be apart for a stamp's age to count as proof. */
const MAX_CLOCK_SKEW_MS = 60_000;
const CODEC = { ...structured<string>(), id: 'stamp' };
const STAMP = /^([0-9a-z]{1,11})-[A-Za-z0-9_-]{12}$/;

export class Stamps {
  readonly #remote: RemoteTier | undefined;
  readonly #repairs: Repairs;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #copies = new Map<string, Copy>();
  #events = 0;
  /** Events up to here may have been forgotten with a copy. */
  #forgotten = 0;

  constructor(remote: RemoteTier | undefined, repairs: Repairs, clock: Clock, maxAgeMs: number) {
    this.#remote = remote;
    this.#repairs = repairs;
    this.#clock = clock;
    this.#maxAgeMs = remote === undefined ? Infinity : maxAgeMs;
  }

  /** A mark in local time, taken before a load begins. */
  get mark(): number {
    return this.#events;
  }

  /** Whether the entry's stamps are current; undefined when a copy is missing or too old to tell. */
  areCurrent(entry: Entry): boolean | undefined {
    let verdict: boolean | undefined = true;
    for (let index = 0; index < entry.tags.length; index++) {
      const copy = this.#believed(entry.tags[index] as string);
      if (copy === undefined) verdict = undefined;
      else if (copy.stamp !== entry.stamps[index]) return false;
    }
    return verdict;
  }

  /** {@link areCurrent}, asking the remote tier where needed. What cannot be told is false. */
  async verify(entry: Entry): Promise<boolean> {
    const verdict = this.areCurrent(entry);
    if (verdict !== undefined) return verdict;
    return (await this.read(entry.tags)) !== undefined && this.areCurrent(entry) === true;
  }

  /** The tags' stamps, made where there is none; undefined when the remote tier cannot be asked. */
  async read(tags: readonly string[]): Promise<readonly string[] | undefined> {
    const unknown = tags.filter((tag) => this.#believed(tag) === undefined);
    if (unknown.length > 0 && !(await this.#learn(unknown))) return undefined;
    const stamps: string[] = [];
    for (const tag of tags) {
      const copy = this.#copies.get(tag);
      if (copy === undefined) return undefined;
      stamps.push(copy.stamp);
    }
    return stamps;
  }

  /** Stamps of tags that were only known after a load which began at `mark`, `startedAt`; undefined when one of them may have changed since. */
  async readAfter(tags: readonly string[], mark: number, startedAt: EpochMs): Promise<readonly string[] | undefined> {
    const stamps = await this.read(tags);
    if (stamps === undefined) return undefined;
    for (const tag of tags) {
      const copy = this.#copies.get(tag);
      if (copy === undefined) return undefined;
      if (copy.since > mark && madeAt(copy.stamp) > startedAt - MAX_CLOCK_SKEW_MS) return undefined;
    }
    return stamps;
  }

  /** Gives the tags new stamps, here at once and in the remote tier by the time it resolves, or as soon as that heals. */
  async change(tags: readonly string[]): Promise<Record<string, string>> {
    const stamps: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const tag of tags) {
      stamps[tag] = makeStamp(this.#clock.now());
      this.#keep(tag, stamps[tag], ++this.#events);
    }
    await Promise.all(tags.map((tag) => this.#write(tag, stamps[tag] as string)));
    return stamps;
  }

  /** What another process said on the bus. */
  adopt(stamps: Readonly<Record<string, string>>): void {
    for (const [tag, stamp] of Object.entries(stamps)) {
      if (typeof stamp === 'string' && STAMP.test(stamp)) this.#keep(tag, stamp, ++this.#events);
      else this.#copies.delete(tag);
    }
  }

  /** Something may have been missed: every copy is asked for again before it is believed. */
  forget(): void {
    if (this.#remote !== undefined) {
      this.#copies.clear();
      return;
    }
    // Over a copy of the keys: what is kept anew goes to the end, where a live iterator would meet it again.
    for (const tag of [...this.#copies.keys()]) this.#keep(tag, makeStamp(this.#clock.now()), ++this.#events);
  }

  #believed(tag: string): Copy | undefined {
    const copy = this.#copies.get(tag);
    return copy !== undefined && this.#clock.now() - copy.learnedAt <= this.#maxAgeMs ? copy : undefined;
  }

  async #learn(tags: readonly string[]): Promise<boolean> {
    const remote = this.#remote;
    if (remote === undefined) {
      // Nobody has invalidated a tag that this process, the only one, does not know: unless its copy had to go.
      for (const tag of tags) this.#keep(tag, makeStamp(0), this.#forgotten);
      return true;
    }
    const events = this.#events;
    const found = await Promise.all(tags.map((tag) => remote.lookUp(stampKey(tag), CODEC)));
    if (!found.every((answer) => answer.reached)) return false;
    const made: Promise<boolean>[] = [];
    for (const [index, tag] of tags.entries()) {
      const known = this.#copies.get(tag);
      if (known !== undefined && known.since > events) continue;
      const pending = this.#repairs.pendingStamp(tag);
      const stamp = pending ?? found[index]?.entry?.value;
      if (stamp !== undefined && STAMP.test(stamp)) {
        this.#keep(tag, stamp, known?.stamp === stamp ? known.since : ++this.#events);
      } else {
        const fresh = makeStamp(0);
        this.#keep(tag, fresh, ++this.#events);
        made.push(this.#publish(tag, fresh));
      }
    }
    return (await Promise.all(made)).every(Boolean);
  }

  /** A stamp that only this process knows proves nothing: its copy goes when it cannot be stored. */
  async #publish(tag: string, stamp: string): Promise<boolean> {
    const stored = await this.store(tag, stamp);
    if (!stored && this.#copies.get(tag)?.stamp === stamp) this.#copies.delete(tag);
    return stored;
  }

  async #write(tag: string, stamp: string): Promise<void> {
    this.#repairs.stampDone(tag);
    if (!(await this.store(tag, stamp))) this.#repairs.stamp(tag, stamp);
  }

  /** Writes a stamp to the remote tier, if there is one; false when that failed. */
  async store(tag: string, stamp: string): Promise<boolean> {
    const now = this.#clock.now();
    const entry = { value: stamp, storedAt: now, staleAt: now + STAMP_TTL_MS, expiresAt: now + STAMP_TTL_MS };
    return (
      (await this.#remote?.set(stampKey(tag), { ...entry, tags: [], stamps: [], size: 0, cost: 0 }, CODEC)) ?? true
    );
  }

  #keep(tag: string, stamp: string, since: number): void {
    this.#copies.delete(tag);
    this.#copies.set(tag, { stamp, since, learnedAt: this.#clock.now() });
    if (this.#copies.size > MAX_COPIES) {
      const oldest = this.#copies.keys().next();
      if (oldest.done !== true) this.#copies.delete(oldest.value);
      this.#forgotten = this.#events;
    }
  }
}

/** `<ms since 1970, base 36>-<72 random bits>`; the time is 0 for a stamp that no invalidation made. */
function makeStamp(at: EpochMs): string {
  return `${Math.max(0, Math.floor(at)).toString(36)}-${randomBytes(9).toString('base64url')}`;
}

function madeAt(stamp: string): EpochMs {
  return Number.parseInt(STAMP.exec(stamp)?.[1] ?? '', 36);
}

function stampKey(tag: string): string {
  return `~stamp:${tag}`;
}
