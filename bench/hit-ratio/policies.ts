import type { PolicyFactory } from '@kvasir/core';
import * as core from '@kvasir/core';

/** `memory()` as it is when nothing is said. */
export const DEFAULT = 'default';
/** No policy, but what the best one could have hit, had it known the future. */
export const OPTIMUM = 'opt';

const exported: Readonly<Record<string, unknown>> = core;

/** Whether {@link findPolicy} knows the name. */
export function isExported(text: string): boolean {
  return typeof exported[parse(text).name] === 'function';
}

/**
 * The policy of a name that `@kvasir/core` exports, with options as JSON if it takes any: `sieve`, `wTinyLfu({"window":0.01})`. Undefined for
 * the default. Throws for what is no policy.
 */
export function findPolicy(text: string): PolicyFactory | undefined {
  if (text === DEFAULT) return undefined;
  const { name, options } = parse(text);
  const make = exported[name];
  if (typeof make !== 'function') throw new Error(`--policy ${text}: @kvasir/core exports no ${name || text}`);
  const made: unknown = options === '' ? make() : make(JSON.parse(options));
  if (typeof made !== 'function') throw new Error(`--policy ${text}: ${name} is no policy`);
  return made as PolicyFactory;
}

function parse(text: string): { readonly name: string; readonly options: string } {
  const [, name = '', options = ''] = /^(\w+)(?:\((.*)\))?$/.exec(text) ?? [];
  return { name, options };
}
