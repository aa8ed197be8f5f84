import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVary, variantOf } from '../src/vary.ts';
import { startSite } from './support/site.ts';

describe('parseVary', () => {
  it('reads names in any case, once each, in one order', () => {
    expect(parseVary('Accept-Language, ACCEPT-ENCODING,,accept-language ')).toEqual([
      'accept-encoding',
      'accept-language',
    ]);
    expect(parseVary(undefined)).toEqual([]);
  });
  it.each(['*', 'a,*', '*,a', 'a, * ,b', 'a b', 'a;b', Array.from({ length: 17 }, (_, i) => `x${i}`).join()])(
    'calls %j unselectable',
    (field) => expect(parseVary(field)).toBeUndefined(),
  );
});

describe('variantOf', () => {
  const same = (name: string, a: string | undefined, b: string | undefined): boolean =>
    variantOf([name], a === undefined ? {} : { [name]: a }) === variantOf([name], b === undefined ? {} : { [name]: b });

  it('takes different spellings of the same wish for one', () => {
    expect(same('accept-encoding', 'gzip,br', 'GZIP , br;q=1.0')).toBe(true);
    expect(same('accept-language', 'de-DE, en;q=0.5', 'de-de,en; q=0.5')).toBe(true);
    expect(same('x-any', ' a ', 'a')).toBe(true);
  });
  it('keeps apart what might differ', () => {
    expect(same('accept-language', 'de,en', 'en,de')).toBe(false);
    expect(same('accept-encoding', 'gzip', 'gzip;q=0')).toBe(false);
    expect(same('accept-encoding', 'gzip;q=1', 'gzip;q=0.1')).toBe(false);
    expect(same('x-any', 'A', 'a')).toBe(false);
    expect(same('accept-encoding', undefined, '')).toBe(false);
    expect(same('x-any', undefined, undefined)).toBe(true);
  });
  it('never mixes up values of several fields', () => {
    const value = fc.option(fc.string(), { nil: undefined });
    fc.assert(
      fc.property(value, value, value, value, (a, b, c, d) => {
        const pick = (x?: string, y?: string) => variantOf(['x-x', 'x-y'], { 'x-x': x, 'x-y': y });
        const equal = a?.trim() === c?.trim() && b?.trim() === d?.trim();
        expect(pick(a, b) === pick(c, d)).toBe(equal);
      }),
    );
  });
});

describe('variants of one URI', () => {
  it('are kept side by side, and each is hit', async () => {
    let runs = 0;
    const { ask } = await startSite((app) =>
      app.get('/', (req, res) => {
        runs++;
        res.set({ 'Cache-Control': 'max-age=60', Vary: 'accept-language, X-Theme' });
        res.send(`${req.get('accept-language')} ${req.get('x-theme')}`);
      }),
    );
    const wishes = ['de', 'en', 'fr'].flatMap((language) =>
      ['dark', 'light'].map((theme) => ({ 'accept-language': language, 'x-theme': theme })),
    );
    for (const headers of [...wishes, ...wishes, ...wishes.toReversed()]) {
      const { text } = await ask('/', { headers });
      expect(text).toBe(`${headers['accept-language']} ${headers['x-theme']}`);
    }
    expect(runs).toBe(6);
    expect((await ask('/', { headers: { 'x-theme': 'dark' } })).cache).toContain('fwd=vary-miss');
  });

  it('are told apart when each names other fields', async () => {
    let runs = 0;
    const { ask } = await startSite((app) =>
      app.get('/', (req, res) => {
        runs++;
        const language = req.get('accept-language');
        res.set({
          'Cache-Control': 'max-age=60',
          Vary: language === 'de' ? 'Accept-Language, X-Region' : 'Accept-Language',
        });
        res.send(`${language} ${language === 'de' ? req.get('x-region') : ''}`);
      }),
    );
    for (let round = 0; round < 2; round++) {
      for (const [language, region] of [
        ['en', 'x'],
        ['de', 'at'],
        ['de', 'ch'],
        ['en', 'y'],
      ] as const) {
        const { text } = await ask('/', { headers: { 'accept-language': language, 'x-region': region } });
        expect(text).toBe(`${language} ${language === 'de' ? region : ''}`);
      }
    }
    expect(runs).toBe(3);
  });

  it('are at most 64, however many are invented', async () => {
    const { ask } = await startSite((app) =>
      app.get('/', (req, res) => res.set({ 'Cache-Control': 'max-age=60', Vary: 'X-Any' }).send(req.get('x-any'))),
    );
    const stored: boolean[] = [];
    for (let any = 0; any < 70; any++)
      stored.push((await ask('/', { headers: { 'x-any': `${any}` } })).cache.endsWith('stored'));
    expect(stored.filter(Boolean)).toHaveLength(64);
    expect((await ask('/', { headers: { 'x-any': '3' } })).cache).toContain('hit');
    const late = await ask('/', { headers: { 'x-any': '69' } });
    expect([late.text, late.cache]).toEqual([
      '69',
      'kvasir; fwd=vary-miss; fwd-status=200; detail=hit-for-miss:variants',
    ]);
  });

  it('keep CORS answers right for each origin', async () => {
    const { ask } = await startSite((app) =>
      app.get('/', (req, res) => {
        res.set({ 'Cache-Control': 'public, max-age=60', Vary: 'Origin' });
        if (req.get('origin') !== undefined) res.set('Access-Control-Allow-Origin', req.get('origin'));
        res.json({});
      }),
    );
    for (const origin of ['https://a.example', 'https://b.example', 'https://a.example'])
      expect((await ask('/', { headers: { origin } })).headers['access-control-allow-origin']).toBe(origin);
    expect((await ask('/')).headers['access-control-allow-origin']).toBeUndefined();
  });
});
