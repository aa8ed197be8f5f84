/**
 * `target` with `own` in front: it is an instance of what the target is, its methods run on the target itself (which may have private
 * fields), and those that return the target return the stand-in.
 */
export function standIn<T extends object, O extends object>(target: T, own: O): T & O {
  const bound = new WeakMap<object, unknown>();
  const bind = (method: (...args: never[]) => unknown): unknown => {
    const known = bound.get(method);
    if (known !== undefined) return known;
    const made = (...args: unknown[]): unknown => {
      const result: unknown = Reflect.apply(method, target, args);
      return result === target ? front : result;
    };
    bound.set(method, made);
    return made;
  };
  const front: T & O = new Proxy(target, {
    get(_, property): unknown {
      if (Object.hasOwn(own, property)) return Reflect.get(own, property);
      const value: unknown = Reflect.get(target, property, target);
      // Functions that the target holds itself (`Client`, `Promise`) are values, not methods.
      const isMethod = typeof value === 'function' && property !== 'constructor' && !Object.hasOwn(target, property);
      return isMethod ? bind(value as (...args: never[]) => unknown) : value;
    },
    has: (_, property) => Object.hasOwn(own, property) || property in target,
  }) as T & O;
  return front;
}
