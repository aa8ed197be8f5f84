import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { arrives, breaks, bytesOf, isSame, MIB, patterned, serve } from '../support/app.ts';
import { startOrigin, type TestOrigin } from '../support/origin.ts';

const file = patterned(2 * MIB + 5);
const digest = createHash('sha256').update(file).digest('hex');

/** A hub that knows digest and size, and a store on another host that has the bytes, as model hubs are built. */
async function startHub(): Promise<{ hub: TestOrigin; store: TestOrigin }> {
  const hub = await startOrigin({ 'a.bin': file });
  const store = await startOrigin();
  hub.fault = (_req, res) => {
    res.writeHead(302, {
      location: `${store.url}blob?signature=s3cret`,
      'x-linked-etag': `"${digest}"`,
      'x-linked-size': String(file.byteLength),
    });
    res.end('moved');
    return true;
  };
  store.files.set('blob?signature=s3cret', { bytes: file, etag: '"of-the-store"' });
  return { hub, store };
}

test("takes size and digest from a hub's redirect and the bytes from its store", async () => {
  const { hub, store } = await startHub();
  const { get, models } = await serve({ origin: hub.url });
  const response = await get('a.bin');
  expect(isSame(await bytesOf(response), file)).toBe(true);
  expect(response.headers.get('etag')).toBe(`"${digest}"`);
  expect((await models.open('a.bin')).state()).toMatchObject({ verified: 'independent', sha256: digest });
  expect(store.requests.every((line) => line.startsWith('GET'))).toBe(true);
  expect(store.served).toBe(file.byteLength);
});

test('refuses what a store gives when it is not what the hub vouched for', async () => {
  const { hub, store } = await startHub();
  store.files.set('blob?signature=s3cret', { bytes: patterned(file.byteLength, 9) });
  const { get, models, events } = await serve({ origin: hub.url });
  expect(await breaks(get('a.bin'))).toBe(true);
  await expect(models.open('a.bin').then((opened) => opened.bytes())).rejects.toMatchObject({ code: 'UNVERIFIED' });
  expect(events).toContainEqual(expect.objectContaining({ type: 'error', code: 'UNVERIFIED', name: 'a.bin' }));
});

test('sends its own fields to the origin and to no other host', async () => {
  const { hub, store } = await startHub();
  const headers = { authorization: 'Bearer mine', 'x-team': 'blue' };
  const { get } = await serve({ origin: hub.url, headers, authorize: () => true });
  await bytesOf(await get('a.bin'));
  expect(hub.heads.every((head) => head.authorization === 'Bearer mine' && head['x-team'] === 'blue')).toBe(true);
  expect(store.heads.length).toBeGreaterThan(0);
  expect(store.heads.some((head) => 'authorization' in head || 'x-team' in head)).toBe(false);
});

test("never sends a client's fields to the origin", async () => {
  const origin = await startOrigin({ 'a.bin': file });
  const { get } = await serve({ origin: origin.url });
  await bytesOf(await get('a.bin', { authorization: 'Bearer theirs', cookie: 'a=b', 'x-forwarded-for': '1.2.3.4' }));
  const names = origin.heads.flatMap((head) => Object.keys(head));
  expect(new Set(names)).toEqual(new Set(['accept-encoding', 'connection', 'host', 'if-range', 'range']));
});

test('follows redirects on the same host, and gives up a circle', async () => {
  const origin = await startOrigin({ 'a.bin': file, 'b.bin': file });
  origin.fault = (req, res) => {
    if (!req.url?.startsWith('/a.bin')) return undefined;
    res.writeHead(307, { location: '/b.bin' }).end();
    return true;
  };
  const { get } = await serve({ origin: origin.url });
  expect(await arrives(get('a.bin'), file)).toBe(true);
  origin.fault = (_req, res) => {
    res.writeHead(302, { location: '/b.bin' }).end();
    return true;
  };
  expect((await get('b.bin')).status).toBe(502);
});

test.each(['file:///etc/passwd', 'ftp://host/a', 'http://[', 'data:,x'])(
  'follows no redirect to %s',
  async (location) => {
    const origin = await startOrigin({ 'a.bin': file });
    origin.fault = (_req, res) => {
      res.writeHead(302, { location }).end();
      return true;
    };
    const { get } = await serve({ origin: origin.url });
    expect((await get('a.bin')).status).toBe(502);
  },
);

test("checks a hub's small files by Git's blob id", async () => {
  const config = Buffer.from('{"model_type":"toy"}\n');
  const blob = createHash('sha1').update(`blob ${config.byteLength}\0`).update(config).digest('hex');
  const origin = await startOrigin();
  const headers = { 'x-repo-commit': 'c0ffee' };
  origin.files.set('config.json', { bytes: config, etag: `"${blob}"`, headers });
  origin.files.set('bad.json', { bytes: Buffer.from('{}'), etag: `"${blob}"`, headers });
  const { get, models } = await serve({ origin: origin.url });
  expect(await (await get('config.json')).text()).toBe(String(config));
  expect((await models.open('config.json')).state().verified).toBe('independent');
  expect((await get('bad.json')).status).toBe(502);
});

test('takes the digest of a sidecar file, and asks for it once', async () => {
  const origin = await startOrigin({ 'a.bin': file, 'a.bin.sha256': Buffer.from(`${digest}  a.bin\n`) });
  const { get, models } = await serve({ origin: origin.url, ttl: 0 });
  await bytesOf(await get('a.bin'));
  await bytesOf(await get('a.bin'));
  expect((await models.open('a.bin')).state().verified).toBe('independent');
  expect(origin.requests.filter((line) => line.includes('sha256'))).toEqual(['GET /a.bin.sha256']);
});

test('serves nothing when the sidecar cannot be asked for: it might say otherwise', async () => {
  const origin = await startOrigin({ 'a.bin': file, 'a.bin.sha256': Buffer.from(digest) });
  origin.fault = (req, res) => {
    if (!req.url?.includes('sha256')) return undefined;
    res.writeHead(500).end();
    return true;
  };
  const { get } = await serve({ origin: origin.url });
  expect((await get('a.bin')).status).toBe(502);
});
