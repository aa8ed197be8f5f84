/**
 * Invalidation by stamps.
 *
 * Every tag has a stamp, a random token. An entry keeps the stamps that its tags had before its load began, and is served only while they are still
 * current. Invalidating a tag is giving it a new stamp: O(1), whatever it covers, and a load that raced it has stored something nobody will serve.
 * A stamp that was lost (evicted, expired) is replaced by a new one, so it reads as "changed", never as "unchanged".
 *
 * Stamps live in the remote tier when there is one. Each process keeps copies, told by the bus which are outdated, and believes one for `maxAgeMs` at most.
 * When the remote tier cannot be asked, nothing tagged can be proven: it is not served and not kept.
 * Tags that depend on the value are only known after the load. Such a tag is safe when no invalidation of it was heard since the load began, and its
 * stamp was known before, did not exist anywhere (so nobody invalidated it), or was made longer ago than clocks can disagree.
 */
import { randomUUID } from 'node:crypto';
import { type Clock, type EpochMs, withCoarseNow } from '../clock.ts';
import { structured } from '../codec.ts';
import type { Entry } from '../entry.ts';
import type { RemoteTier } from './remote-tier.ts';
import type { Repairs } from './repairs.ts';

interface Copy {
  readonly stamp: string;
  /** The event that brought it, in the order of this process: what was known before a load began. */
  readonly since: number;
  /** The event of its last invalidation, as far as this process was told. */
  readonly changed: number;
  readonly learnedAt: EpochMs;
  /** Not to be believed, as another process changed it, or nobody has said it yet. */
  readonly isRefuted: boolean;
}

type Kept = Omit<Copy, 'learnedAt' | 'isRefuted'> & { readonly isRefuted?: boolean };

interface Writing {
  readonly stamp: string;
  readonly stored: Promise<boolean>;
}

/** Beyond this the least recently changed eighth loses its copies: entries under these tags miss once. About 20 MB. */
const MAX_COPIES = 100_000;
/** Longer than entries live in practice; a stamp that lapses costs a miss. */
const STAMP_TTL_MS = 30 * 86_400_000;
/** How far the clocks of two machines may be apart for a stamp's age to count as proof. */
const MAX_CLOCK_SKEW_MS = 60_000;
const CODEC = { ...structured<string>(), id: 'stamp' };
/** Of a tag that was heard of before its stamp was. */
const UNKNOWN = '';
const STAMP = /^([0-9a-z]{1,11})-[0-9a-f-]{36}$/;

export class Stamps {
  readonly #remote: RemoteTier | undefined;
  readonly #repairs: Repairs;
  readonly #clock: Required<Clock>;
  readonly #maxAgeMs: number;
  readonly #copies = new Map<string, Copy>();
  /** On their way to the remote tier, the newest of each tag. */
  readonly #writing = new Map<string, Writing>();
  #events = 0;
  /** Events up to here may have been forgotten with a copy. */
  #forgotten = 0;

  constructor(remote: RemoteTier | undefined, repairs: Repairs, clock: Clock, maxAgeMs: number) {
    this.#remote = remote;
    this.#repairs = repairs;
    this.#clock = withCoarseNow(clock);
    this.#maxAgeMs = remote === undefined ? Infinity : maxAgeMs;
  }

  /** A mark in local time, taken before a load begins. */
  get mark(): number {
    return this.#events;
  }

  /** Whether this process was told of an invalidation of one of the tags since `mark`, or may have forgotten that it was. */
  haveChanged(tags: readonly string[], mark: number): boolean {
    return tags.some((tag) => (this.#copies.get(tag)?.changed ?? this.#forgotten) > mark);
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
    const stamps = await this.read(entry.tags);
    const areSame = stamps?.every((stamp, index) => stamp === entry.stamps[index]) ?? false;
    return areSame && this.areCurrent(entry) !== false;
  }

  /** The tags' stamps, made where there is none; undefined when the remote tier cannot be asked. */
  async read(tags: readonly string[]): Promise<readonly string[] | undefined> {
    const unknown = tags.filter((tag) => this.#believed(tag) === undefined);
    if (unknown.length > 0 && !(await this.#learn(unknown))) return undefined;
    // Of two processes that write a stamp at once the last one counts: until it is known which, nothing may be loaded under it.
    const writing = tags.flatMap((tag) => this.#writing.get(tag)?.stored ?? []);
    if (writing.length > 0 && !(await Promise.all(writing)).every(Boolean)) return undefined;
    const stamps: string[] = [];
    for (const tag of tags) {
      const copy = this.#copies.get(tag);
      if (copy === undefined || copy.isRefuted) return undefined;
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
      if (copy === undefined || copy.changed > mark) return undefined;
      if (copy.since > mark && madeAt(copy.stamp) > startedAt - MAX_CLOCK_SKEW_MS) return undefined;
    }
    return stamps;
  }

  /** Gives the tags new stamps, here at once and in the remote tier by the time it resolves, or as soon as that heals. */
  async change(tags: readonly string[]): Promise<Record<string, string>> {
    const stamps: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const tag of tags) stamps[tag] = makeStamp(this.#clock.now());
    await Promise.all(tags.map((tag) => this.#change(tag, stamps[tag] as string)));
    return stamps;
  }

  /** Another process invalidated these tags. What their stamps are now only the remote tier knows: messages of two processes may cross. */
  refute(tags: readonly string[]): void {
    for (const tag of tags) {
      const at = ++this.#events;
      if (this.#remote === undefined) this.#keep(tag, { stamp: makeStamp(this.#clock.now()), since: at, changed: at });
      else {
        const stamp = this.#copies.get(tag)?.stamp ?? UNKNOWN;
        this.#keep(tag, { stamp, since: at, changed: at, isRefuted: true });
      }
    }
  }

  /** Something may have been missed: every stamp is asked for again before it is believed. */
  forget(): void {
    this.#copies.clear();
    this.#forgotten = ++this.#events;
  }

  #believed(tag: string): Copy | undefined {
    const copy = this.#copies.get(tag);
    if (copy === undefined || copy.isRefuted) return undefined;
    return this.#clock.coarseNow() - copy.learnedAt <= this.#maxAgeMs ? copy : undefined;
  }

  async #learn(tags: readonly string[]): Promise<boolean> {
    const remote = this.#remote;
    const now = this.#clock.now();
    if (remote === undefined) {
      // Nobody has invalidated a tag that this process, the only one, does not know: unless its copy had to go.
      for (const tag of tags)
        this.#keep(tag, { stamp: makeStamp(now), since: this.#forgotten, changed: this.#forgotten });
      return true;
    }
    const asked = this.#events;
    // So that an invalidation finds something to refute while the answer is on its way.
    const unknown = { stamp: UNKNOWN, since: this.#forgotten, changed: this.#forgotten, isRefuted: true };
    for (const tag of tags) if (!this.#copies.has(tag)) this.#keep(tag, unknown);
    const found = await Promise.all(tags.map((tag) => remote.lookUp(stampKey(tag), CODEC)));
    if (!found.every((answer) => answer.reached)) return false;
    for (const [index, tag] of tags.entries()) this.#adopt(tag, found[index]?.entry?.value, asked);
    return true;
  }

  /** Takes what the remote tier said of a tag, unless it changed since that was `asked` for; makes a stamp where there is none. */
  #adopt(tag: string, found: string | undefined, asked: number): void {
    const known = this.#copies.get(tag);
    if ((known?.since ?? this.#forgotten) > asked) return;
    const writing = this.#writing.get(tag)?.stamp;
    const isDoomed = this.#repairs.covers(stampKey(tag));
    // Told that it changed, and the store has it unchanged: who changed it could not write that down, or we changed it later still.
    const isMissed = known?.isRefuted === true && known.stamp === found;
    const isNew = known === undefined || known.stamp === UNKNOWN;
    if (writing !== undefined) this.#keep(tag, { stamp: writing, since: ++this.#events, changed: this.#events });
    else if (isMissed || this.#repairs.owesStamp(tag)) void this.#change(tag, makeStamp(this.#clock.now()));
    else if (found === undefined || isDoomed || !STAMP.test(found)) {
      // One that was known and is lost may have been lost after it was changed.
      void this.#publish(tag, makeStamp(isNew ? 0 : this.#clock.now()));
    } else if (known?.stamp === found) this.#keep(tag, { stamp: found, since: known.since, changed: known.changed });
    else {
      const since = ++this.#events;
      this.#keep(tag, { stamp: found, since, changed: isNew ? (known?.changed ?? this.#forgotten) : since });
    }
  }

  /** A stamp that only this process knows proves nothing: its copy goes when it cannot be stored. */
  async #publish(tag: string, stamp: string): Promise<void> {
    const since = ++this.#events;
    this.#keep(tag, { stamp, since, changed: this.#copies.get(tag)?.changed ?? this.#forgotten });
    if (!(await this.#write(tag, stamp)) && this.#copies.get(tag)?.stamp === stamp) this.#copies.delete(tag);
  }

  async #change(tag: string, stamp: string): Promise<void> {
    const since = ++this.#events;
    this.#keep(tag, { stamp, since, changed: since });
    this.#repairs.stampDone(tag);
    if (!(await this.#write(tag, stamp)) && !this.#writing.has(tag)) this.#repairs.stamp(tag);
  }

  /** Whether the remote tier has it; true where there is none. */
  async #write(tag: string, stamp: string): Promise<boolean> {
    if (this.#remote === undefined) return true;
    const now = this.#clock.now();
    const times = { storedAt: now, staleAt: now + STAMP_TTL_MS, expiresAt: now + STAMP_TTL_MS };
    const entry = { value: stamp, ...times, tags: [], stamps: [], size: 0, cost: 0 };
    const writing = { stamp, stored: this.#remote.set(stampKey(tag), entry, CODEC) };
    this.#writing.set(tag, writing);
    const isStored = await writing.stored;
    if (this.#writing.get(tag) === writing) this.#writing.delete(tag);
    return isStored;
  }

  #keep(tag: string, { isRefuted = false, ...copy }: Kept): void {
    this.#copies.delete(tag);
    this.#copies.set(tag, { ...copy, isRefuted, learnedAt: this.#clock.now() });
    if (this.#copies.size > MAX_COPIES) this.#dropOldest();
  }

  /** Many at once: a Map is slow to find its first key after that was deleted again and again. */
  #dropOldest(): void {
    const oldest = [...this.#copies.keys()].slice(0, MAX_COPIES / 8);
    for (const tag of oldest) this.#copies.delete(tag);
    this.#forgotten = this.#events;
  }
}

/** `<ms since 1970, base 36>-<UUID>`; the time is 0 for a stamp that no invalidation made. */
function makeStamp(at: EpochMs): string {
  return `${Math.max(0, Math.floor(at)).toString(36)}-${randomUUID()}`;
}

function madeAt(stamp: string): EpochMs {
  return Number.parseInt(STAMP.exec(stamp)?.[1] ?? '', 36);
}

function stampKey(tag: string): string {
  return `~stamp:${tag}`;
}
