import { inspect } from 'node:util';
import { KvasirError } from './errors.ts';

const MAX_SHOWN = 100;

/** The error for a bad option: names the option, what was expected and what came (cut at 100 characters, passwords in URLs left out). */
export function invalidOption(option: string, expected: string, got: unknown): KvasirError {
  const whole = inspect(got, { depth: 0, maxStringLength: 80, maxArrayLength: 3, breakLength: Infinity });
  const safe = whole.replace(/\/\/[^/@\s]*@/g, '//***@');
  const shown = safe.length > MAX_SHOWN ? `${safe.slice(0, MAX_SHOWN)}…` : safe;
  return new KvasirError('INVALID_OPTION', `${option}: expected ${expected}, got ${shown}`);
}

/** Throws when `options` is not an object, or has a property that is not in `known`. `owner` is like `memory()`. */
export function checkKnown(owner: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw invalidOption(`${owner} options`, 'an object', options);
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw invalidOption(`${owner} ${name}`, `one of ${known.join(', ')}`, 'an unknown option');
  }
}

/** Throws unless `value` is a function (or undefined). */
export function checkFunction(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw invalidOption(option, 'a function', value);
}

/** Throws unless `value` is an object with these methods (or undefined). */
export function checkMethods(option: string, value: unknown, methods: readonly string[]): void {
  if (value === undefined) return;
  const parts = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (!methods.every((name) => typeof parts[name] === 'function'))
    throw invalidOption(option, `an object with the methods ${methods.join(', ')}`, value);
}

/** Throws unless `value` is an integer of at least `min`. */
export function checkInteger(option: string, value: unknown, min: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < min)
    throw invalidOption(option, `an integer of at least ${min}`, value);
}
