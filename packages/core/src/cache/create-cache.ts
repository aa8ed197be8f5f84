import type { Cache, CacheOptions, CacheStats } from '../cache.ts';
import { systemClock } from '../clock.ts';
import { structured } from '../codec.ts';
import { checkGoal, planCapacity } from '../model/curve.ts';
import type { Namespace, NamespaceOptions } from '../namespace.ts';
import { checkFunction, checkKnown, checkMethods, invalidOption } from '../options.ts';
import { parseDuration } from '../units.ts';
import { CacheNamespace } from './cache-namespace.ts';
import { Engine, type Settings } from './engine.ts';
import { checkTags } from './key.ts';
import { applyOptions, checkCodec, type Rules } from './rules.ts';

/** Of `createCache` and its namespaces. */
export const DEFAULTS = {
  ttl: '1m',
  grace: 0,
  maxStampAge: '10s',
  remoteDeadline: '50ms',
  leaseTtl: '5s',
  refreshAhead: 1,
} as const;

/** `maxStampAge` where no bus tells of invalidations. */
const MAX_STAMP_AGE_ALONE = '1s';
const CACHE_OPTIONS = ['tiers', 'bus', 'leases', 'clock', 'random', ...Object.keys(DEFAULTS)];
const NAMESPACE_OPTIONS = ['codec', 'ttl', 'grace', 'tags', 'deadline', 'refreshBehind'];
const NAMESPACE_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * A cache over the given tiers. It owns what the adapters made, never a client that was passed to them; a local store belongs to one cache.
 * Throws INVALID_OPTION.
 */
export function createCache(options: CacheOptions): Cache {
  const engine = new Engine(readSettings(options));
  const codecs = new Map<string, string>();
  return {
    namespace<V>(name: string, namespaceOptions: NamespaceOptions<V> = {}): Namespace<V> {
      const rules = readRules(engine.settings, name, namespaceOptions);
      const before = codecs.get(name) ?? rules.codec.id;
      if (before !== rules.codec.id)
        throw invalidOption(`namespace ${name} codec`, `the codec it already has, ${before}`, rules.codec.id);
      codecs.set(name, before);
      return new CacheNamespace(name, engine, engine.places.open(name), rules);
    },
    async invalidateTags(...tags) {
      const unique = checkTags(tags, Infinity);
      if (unique.length > 0) await engine.invalidateTags(unique);
    },
    clear: () => engine.clear(),
    on(listener) {
      if (listener === undefined) throw invalidOption('cache.on listener', 'a function', listener);
      checkFunction('cache.on listener', listener);
      return engine.reporter.on(listener);
    },
    missRatioCurve: () => engine.local?.reuse?.curve(),
    planCapacity(goal) {
      checkGoal(goal);
      const curve = engine.local?.reuse?.curve();
      return curve && planCapacity(curve, goal);
    },
    stats: (): CacheStats => ({ ...engine.reporter.counts, inFlight: engine.flights.size, local: engine.local?.stats }),
    close: () => engine.close(),
  };
}

function readSettings(options: CacheOptions): Settings {
  checkKnown('createCache()', options, CACHE_OPTIONS);
  const { tiers, bus, leases, clock = systemClock, random = Math.random } = options;
  checkTiers(tiers);
  checkMethods('createCache() clock', clock, ['now', 'after']);
  checkMethods('createCache() bus', bus, ['publish', 'subscribe', 'close']);
  checkMethods('createCache() leases', leases, ['acquire', 'release', 'settled', 'close']);
  if (leases !== undefined && !tiers.some((tier) => tier.kind === 'remote'))
    throw invalidOption('createCache() leases', 'a remote tier beside them', 'none in tiers');
  checkFunction('createCache() random', random);
  const duration = (name: 'ttl' | 'grace' | 'maxStampAge' | 'remoteDeadline' | 'leaseTtl'): number => {
    const fallback = name === 'maxStampAge' && bus === undefined ? MAX_STAMP_AGE_ALONE : DEFAULTS[name];
    return parseDuration(`createCache() ${name}`, options[name] ?? fallback);
  };
  const leaseTtl = duration('leaseTtl');
  if (leaseTtl < 1 || leaseTtl === Infinity)
    throw invalidOption('createCache() leaseTtl', 'at least 1 ms, and an end', options.leaseTtl);
  const refreshAhead = options.refreshAhead ?? DEFAULTS.refreshAhead;
  if (typeof refreshAhead !== 'number' || !(refreshAhead >= 0) || refreshAhead > 10)
    throw invalidOption('createCache() refreshAhead', 'a number from 0 to 10', refreshAhead);
  return {
    tiers,
    bus,
    leases,
    ttl: duration('ttl'),
    grace: duration('grace'),
    maxStampAge: duration('maxStampAge'),
    remoteDeadline: duration('remoteDeadline'),
    leaseTtl,
    refreshAhead,
    clock,
    random,
  };
}

function checkTiers(tiers: unknown): void {
  const expected = '[local], [remote] or [local, remote]';
  if (!Array.isArray(tiers) || tiers.length === 0) throw invalidOption('createCache() tiers', expected, tiers);
  const kinds = tiers.map((tier: { kind?: unknown } | null | undefined) => tier?.kind);
  if (!['local', 'remote', 'local,remote'].includes(kinds.join(',')))
    throw invalidOption('createCache() tiers', expected, kinds.join(', '));
  const [first] = tiers as { kind: string; onDeparture?: unknown }[];
  if (first?.kind === 'local')
    checkMethods('createCache() tiers', first, ['get', 'getFresh', 'peek', 'set', 'delete', 'clear']);
  if (first?.onDeparture !== undefined)
    throw invalidOption('createCache() tiers', 'a local store of its own', 'one that another cache uses');
}

function readRules<V>(settings: Settings, name: string, options: NamespaceOptions<V>): Rules<V> {
  if (typeof name !== 'string' || !NAMESPACE_NAME.test(name))
    throw invalidOption('namespace name', '1 to 64 of A-Z a-z 0-9 . _ -', name);
  const defaults: Rules<V> = {
    codec: structured<V>(),
    ttl: settings.ttl,
    grace: settings.grace,
    tags: [],
    deadline: Infinity,
    refreshBehind: true,
  };
  const rules = applyOptions(defaults, options, `namespace ${name}`, NAMESPACE_OPTIONS);
  const codec = options.codec ?? rules.codec;
  checkCodec(`namespace ${name} codec`, codec);
  return { ...rules, codec };
}
