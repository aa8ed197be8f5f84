/** Below it arrays double; above it they grow by a quarter, so that a large store wastes little. */
const LARGE = 2 ** 16;

/** The length that an array of `length` should grow to so that it has an index `at`. */
export function lengthFor(at: number, length: number): number {
  return Math.max(at + 1, length < LARGE ? 2 * length : length + (length >>> 2));
}

/** A copy that is long enough to have an index `at`; what is new is 0. */
export function grown<A extends Uint8Array | Int32Array | Float64Array>(array: A, at: number): A {
  const longer = new (array.constructor as new (length: number) => A)(lengthFor(at, array.length));
  longer.set(array);
  return longer;
}
