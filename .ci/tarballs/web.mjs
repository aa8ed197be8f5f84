import assert from 'node:assert/strict';
import { web } from '@kvasir/web';
import express from 'express';
import { serve } from './serve.mjs';

const app = express();
app.use(web());
app.get('/news', (_req, res) => res.set('cache-control', 'max-age=60').send(`news of ${process.hrtime.bigint()}`));

await serve(app, async (url) => {
  const first = await fetch(`${url}/news`);
  const page = await first.text();
  const second = await fetch(`${url}/news`);
  assert.match(second.headers.get('cache-status'), /^kvasir; hit/);
  assert.equal(await second.text(), page);
});
