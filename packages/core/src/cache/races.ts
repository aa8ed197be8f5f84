/** Why what a read, load or write of a key brings must not be kept: it was overtaken by a delete, set or clear, or may have been while the bus was cut. */
type Loss = 'overtaken' | 'gap';

export interface Race {
  lost: Loss | undefined;
  holders: number;
}

export class Races {
  readonly #running = new Map<string, Race>();

  begin(key: string): Race {
    const running = this.#running.get(key);
    if (running !== undefined) {
      running.holders++;
      return running;
    }
    const race: Race = { lost: undefined, holders: 1 };
    this.#running.set(key, race);
    return race;
  }

  end(key: string, race: Race): void {
    if (--race.holders === 0 && this.#running.get(key) === race) this.#running.delete(key);
  }

  lose(key: string): void {
    const race = this.#running.get(key);
    if (race === undefined) return;
    race.lost = 'overtaken';
    this.#running.delete(key);
  }

  loseAll(loss: Loss): void {
    for (const race of this.#running.values()) race.lost = loss;
    this.#running.clear();
  }
}
