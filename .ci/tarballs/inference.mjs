import assert from 'node:assert/strict';
import { inference } from '@kvasir/inference';
import express from 'express';
import { serve } from './serve.mjs';

const app = express();
app.use('/v1', inference());
app.post('/v1/embeddings', express.json(), (req, res) => {
  res.json({ object: 'list', model: req.body.model, data: [{ index: 0, embedding: [Math.random()] }] });
});

async function ask(url, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/embeddings`, { method: 'POST', headers, body });
  return { status: answer.headers.get('cache-status'), text: await answer.text() };
}

await serve(app, async (url) => {
  const first = await ask(url, '{"model":"m","input":"mead"}');
  const second = await ask(url, '{ "input": "mead", "model": "m" }');
  assert.match(second.status, /^kvasir; hit/);
  assert.equal(second.text, first.text);
});
