import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from '../src/range.ts';
import { startSite } from './support/site.ts';

describe('parseRange', () => {
  it.each([
    ['bytes=0-4', { first: 0, last: 4 }],
    ['bytes=5-', { first: 5, last: 9 }],
    ['bytes=-3', { first: 7, last: 9 }],
    ['bytes=-99', { first: 0, last: 9 }],
    ['bytes=8-99', { first: 8, last: 9 }],
    ['Bytes=0-0', { first: 0, last: 0 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', undefined],
    ['bytes=0-1,3-4', undefined],
    ['bytes=-', undefined],
    ['bytes=a-b', undefined],
    ['lines=0-4', undefined],
  ])('%s of ten bytes: %j', (field, expected) => expect(parseRange(field, 10)).toEqual(expected));

  it('never leaves the body', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat({ max: 1000 }), (first, last, length) => {
        const range = parseRange(`bytes=${first}-${last}`, length);
        if (typeof range === 'object') {
          expect(range.first).toBeLessThanOrEqual(range.last);
          expect(range.last).toBeLessThan(length);
        }
      }),
    );
  });
});

describe('range requests', () => {
  const start = () =>
    startSite((app) =>
      app.get('/', (_, res) =>
        res.set({ 'Cache-Control': 'max-age=60', ETag: '"strong"' }).type('text').send('0123456789'),
      ),
    );

  it('are answered from a stored whole body', async () => {
    const { ask } = await start();
    await ask('/');
    const part = await ask('/', { headers: { range: 'bytes=2-4' } });
    expect([part.status, part.text, part.headers['content-range'], part.headers['content-length']]).toEqual([
      206,
      '234',
      'bytes 2-4/10',
      '3',
    ]);
    expect(part.cache).toBe('kvasir; hit; ttl=60');
    const beyond = await ask('/', { headers: { range: 'bytes=10-' } });
    expect([beyond.status, beyond.text, beyond.headers['content-range']]).toEqual([416, '', 'bytes */10']);
    expect((await ask('/', { headers: { range: 'bytes=0-1,4-5' } })).text).toBe('0123456789');
    expect((await ask('/', { method: 'HEAD', headers: { range: 'bytes=0-1' } })).status).toBe(200);
  });

  it('get the whole when If-Range does not match', async () => {
    const { ask } = await start();
    await ask('/');
    const ask2 = (ifRange: string) => ask('/', { headers: { range: 'bytes=0-1', 'if-range': ifRange } });
    expect((await ask2('"strong"')).text).toBe('01');
    expect((await ask2('W/"strong"')).text).toBe('0123456789');
    expect((await ask2('"other"')).text).toBe('0123456789');
  });

  it('pass by when nothing is stored, and leave nothing', async () => {
    const { ask } = await start();
    const first = await ask('/', { headers: { range: 'bytes=2-4' } });
    expect(first.cache).toBe(`kvasir; fwd=uri-miss; fwd-status=${first.status}; detail=range`);
    expect((await ask('/')).cache).toContain('fwd=uri-miss');
  });
});
