/** One requirement. `check` rejects, with an AssertionError where possible, when it is not met. Runs with any test runner. */
export interface Check {
  readonly name: string;
  readonly check: () => Promise<void>;
}
