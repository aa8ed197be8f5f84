import { app, createApp } from '@kvasir-examples/kv-cache';
import request from 'supertest';
import { expect, test } from 'vitest';

test('keeps any JSON value under a key and gives it back', async () => {
  await request(app).put('/kv/greeting').send({ hello: 'world' }).expect(204);
  const { body } = await request(app).get('/kv/greeting').expect(200);
  expect(body).toEqual({ hello: 'world' });
  await request(app).get('/kv/absent').expect(404);
});

test('finds a key worth caching when its share of the requests exceeds the threshold, whatever its value is', async () => {
  const fresh = createApp();
  await request(fresh).put('/kv/popular').send('value1');
  for (let ask = 0; ask < 9; ask++) await request(fresh).get('/kv/popular');
  await request(fresh).get('/kv/rare');
  const popular = await request(fresh).get('/worth/popular?threshold=0.1');
  expect(popular.body).toEqual({ key: 'popular', threshold: 0.1, probability: 0.9, worth: true });
  const rare = await request(fresh).get('/worth/rare?threshold=0.1');
  expect(rare.body).toMatchObject({ probability: 0.1, worth: false });
});

test('says what a threshold must be', async () => {
  const { body } = await request(app).get('/worth/popular?threshold=often').expect(400);
  expect(body.error).toContain('expected a number between 0 and 1, got often');
});

test('works through the uniform case: at θ = 0.1 only fewer than ten keys pass', async () => {
  const { text } = await request(app).get('/uniform').expect(200);
  const kept = text.split('\n').flatMap((line) => {
    const [keys, , threshold, , count] = line.trim().split(/\s+/);
    return /^\d+$/.test(keys ?? '') ? [[Number(keys), Number(threshold), Number(count)]] : [];
  });
  expect(kept).toEqual([
    [5, 0.1, 5],
    [9, 0.1, 9],
    [11, 0.1, 0],
    [20, 0.1, 0],
    [100, 0.1, 0],
    [100, 0.009, 100],
  ]);
});
