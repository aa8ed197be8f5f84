/** Whether a key was deleted, set or cleared while a read or load of it was running; then what it brings must not be kept. */
export interface Race {
  lost: boolean;
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
    const race = { lost: false, holders: 1 };
    this.#running.set(key, race);
    return race;
  }

  end(key: string, race: Race): void {
    if (--race.holders === 0 && this.#running.get(key) === race) this.#running.delete(key);
  }

  lose(key: string): void {
    const race = this.#running.get(key);
    if (race === undefined) return;
    race.lost = true;
    this.#running.delete(key);
  }

  loseAll(): void {
    for (const race of this.#running.values()) race.lost = true;
    this.#running.clear();
  }
}
