/** markov() said plainly: every walk is kept, and counted and measured anew. Forgets nothing, so it agrees until something is forgotten. */
const PLACES = 4;
const MOST_VISITS = 64;

interface State {
  visits: number;
  /** At most four, in the order of their places. */
  followers: { key: string; count: number }[];
}

export class SlowMarkov {
  readonly #states = new Map<string, State>();
  readonly #walks = new Map<string, string[]>();
  readonly #classes = new Map<string, { right: number; seen: number }>();

  observe(key: string, stream: string): void {
    const walk = this.#walks.get(stream) ?? [];
    this.#walks.set(stream, walk);
    const last = walk.at(-1);
    if (last === key) return;
    if (last !== undefined) {
      const before = walk.at(-2);
      const pair = before === undefined ? undefined : this.#states.get(`${before}>${last}`);
      const single = this.#states.get(last);
      if (pair !== undefined) this.#measure(2, pair, key);
      else if (single !== undefined) this.#measure(1, single, key);
      this.#count(last, key);
      if (before !== undefined) this.#count(`${before}>${last}`, key);
    }
    walk.push(key);
  }

  /** Probability of each key that follows at once. */
  next(before: string | undefined, last: string): Map<string, number> {
    const pair = before === undefined ? undefined : this.#states.get(`${before}>${last}`);
    const state = pair ?? this.#states.get(last);
    const found = new Map<string, number>();
    for (const { key, count } of state?.followers ?? []) {
      const { right, seen } = this.#classOf(pair === undefined ? 1 : 2, state?.visits ?? 0, count);
      if (count > 0) found.set(key, Math.min(0.999, right / seen));
    }
    return found;
  }

  /** Probability of each key to be seen within `depth` steps: all ways, no way left out. */
  within(before: string | undefined, last: string, depth: number): Map<string, number> {
    let front = [{ before, last, probability: 1 }];
    const missed = new Map<string, number>();
    for (let step = 0; step < depth; step++) {
      const next = new Map<string, { before: string; last: string; probability: number }>();
      for (const way of front) {
        for (const [key, share] of this.next(way.before, way.last)) {
          const state = next.get(`${way.last}>${key}`) ?? { before: way.last, last: key, probability: 0 };
          state.probability += way.probability * share;
          next.set(`${way.last}>${key}`, state);
        }
      }
      front = [...next.values()];
      for (const { last: key, probability } of front)
        if (key !== last) missed.set(key, (missed.get(key) ?? 1) * (1 - probability));
    }
    return new Map([...missed].map(([key, miss]) => [key, 1 - miss]));
  }

  #count(name: string, key: string): void {
    const state = this.#states.get(name) ?? { visits: 0, followers: [] };
    this.#states.set(name, state);
    const { followers } = state;
    const known = followers.find((follower) => follower.key === key && follower.count > 0);
    const empty = followers.find((follower) => follower.count === 0);
    if (known !== undefined) known.count++;
    else if (empty !== undefined) Object.assign(empty, { key, count: 1 });
    else if (followers.length < PLACES) followers.push({ key, count: 1 });
    else {
      const least = followers.reduce((a, b) => (b.count < a.count ? b : a));
      if (least.count <= 1) Object.assign(least, { key, count: 1 });
      else least.count--;
    }
    state.visits++;
    if (state.visits < MOST_VISITS) return;
    state.visits >>= 1;
    for (const follower of followers) follower.count >>= 1;
  }

  #measure(order: number, { visits, followers }: State, key: string): void {
    for (const { key: expected, count } of followers) {
      if (count === 0) continue;
      const measured = this.#classOf(order, visits, count);
      measured.seen++;
      if (expected === key) measured.right++;
      if (measured.seen <= 512) continue;
      measured.seen /= 2;
      measured.right /= 2;
    }
  }

  #classOf(order: number, visits: number, count: number): { right: number; seen: number } {
    const level = [1, 2, 3, 4, 6, 10, 24].filter((least) => least <= visits).length;
    const share = Math.min(7, Math.floor((8 * count) / visits));
    const name = `${order} ${level} ${share}`;
    const belief = level === 1 ? 0.5 : level === 2 ? 0.8 : 1;
    const measured = this.#classes.get(name) ?? { right: 8 * belief * ((share + 0.5) / 8), seen: 8 };
    this.#classes.set(name, measured);
    return measured;
  }
}
