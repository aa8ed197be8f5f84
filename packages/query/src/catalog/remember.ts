/** `make`, asked once for each pair of arguments while both live. */
export function remember<A extends object, B extends object, T>(make: (a: A, b: B) => T): (a: A, b: B) => T {
  const known = new WeakMap<B, WeakMap<A, T>>();
  return (a, b) => {
    let made = known.get(b);
    if (made === undefined) {
      made = new WeakMap();
      known.set(b, made);
    }
    const value = made.get(a) ?? make(a, b);
    made.set(a, value);
    return value;
  };
}
