/** What one measurement found, by metric; the metric's name carries the unit: `{ ns: 31.2 }`, `{ 'µs CPU': 2.1, 'ops/s': 333000 }`. */
export type Measurement = Readonly<Record<string, number>>;

export interface Contender {
  /** One round of a scenario, long enough to be told from noise: about a fifth of a second. */
  measure(scenario: string): Measurement | Promise<Measurement>;
  close?(): void | Promise<void>;
}

export interface Bench {
  readonly title: string;
  /** One sentence: what an operation is, and what all contenders are given alike. */
  readonly about: string;
  readonly scenarios: readonly string[];
  /** Each is started in a process of its own, so that no one's garbage is another's pause. The first is the floor that ratios are taken of. */
  readonly contenders: Readonly<Record<string, () => Contender | Promise<Contender>>>;
  /** Competitors whose versions are recorded. */
  readonly packages: readonly string[];
}
