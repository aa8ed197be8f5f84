/** One requirement of a contract. `check` throws or rejects, with an AssertionError where possible, when it is not met. For any test runner. */
export interface Check {
  readonly name: string;
  readonly check: () => void | Promise<void>;
}
