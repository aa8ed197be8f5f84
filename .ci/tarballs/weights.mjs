import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { weights } from '@kvasir/weights';
import express from 'express';
import { serve } from './serve.mjs';

const origin = mkdtempSync(join(tmpdir(), 'kvasir-weights-origin-'));
const directory = mkdtempSync(join(tmpdir(), 'kvasir-weights-'));
const file = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
writeFileSync(join(origin, 'tiny.bin'), file);

const models = weights({ origin, directory });
const app = express();
app.use('/models', models);

await serve(app, async (url) => {
  const part = await fetch(`${url}/models/tiny.bin`, { headers: { range: 'bytes=1000-1099' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get('content-range'), 'bytes 1000-1099/5000');
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), file.subarray(1000, 1100));
  const whole = await fetch(`${url}/models/tiny.bin`);
  assert.deepEqual(Buffer.from(await whole.arrayBuffer()), file);
});
await models.close();
