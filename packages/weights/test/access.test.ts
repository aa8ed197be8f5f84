import { expect, test } from 'vitest';
import { bytesOf, isSame, MIB, patterned, serve } from './support/app.ts';
import { startOrigin } from './support/origin.ts';

const file = patterned(MIB + 5);

test('decides by request who may read, also what another has brought here', async () => {
  const origin = await startOrigin({ 'gated/a.bin': file });
  const { get } = await serve({
    origin: origin.url,
    headers: { authorization: 'Bearer of-the-operator' },
    authorize: (req, name) => !name.startsWith('gated/') || req.headers.authorization === 'Bearer member',
  });
  const refusedCold = await get('gated/a.bin');
  expect([refusedCold.status, refusedCold.headers.get('etag'), origin.requests]).toEqual([403, null, []]);
  const allowed = await get('gated/a.bin', { authorization: 'Bearer member' });
  expect(isSame(await bytesOf(allowed), file)).toBe(true);
  expect(allowed.headers.get('cache-control')).toBe('private');
  for (const headers of [{}, { authorization: 'Bearer other' }, { 'if-none-match': '*' }, { range: 'bytes=0-0' }])
    expect((await get('gated/a.bin', headers as Record<string, string>)).status).toBe(403);
  expect((await get('gated/a.bin', { authorization: 'Bearer member' })).headers.get('cache-status')).toContain('hit');
});

test('keeps secrets out of events and errors', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  origin.fault = (_req, res) => {
    res.writeHead(302, { location: 'http://127.0.0.1:1/x?signature=s3cret' }).end();
    return true;
  };
  const headers = { authorization: 'Bearer s3cret' };
  const { get, models, events } = await serve({ origin: origin.url, headers, authorize: () => true });
  expect(await (await get('a.bin')).text()).not.toContain('s3cret');
  await expect(models.open('a.bin')).rejects.toMatchObject({ code: 'ORIGIN_FAILED' });
  const told = events.map((event) => JSON.stringify(event) + ('error' in event ? String(event.error) : ''));
  expect(told.length).toBeGreaterThan(0);
  expect(told.join('\n')).not.toMatch(/s3cret|signature|127\.0\.0\.1/);
});
