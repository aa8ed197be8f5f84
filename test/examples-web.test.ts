import { once } from 'node:events';
import type { Server } from 'node:http';
import { createApp } from '@kvasir-examples/web';
import express from 'express';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

// One server for all requests of a test: the host and its port are part of what a page is.
let app: Server;
beforeEach(async () => {
  app = createApp().listen(0, '127.0.0.1');
  await once(app, 'listening');
});
afterEach(() => {
  app.closeAllConnections();
  app.close();
});

const STORED = 'kvasir; fwd=uri-miss; fwd-status=200; stored';
const HIT = /^kvasir; hit; ttl=\d+$/;

describe('the news site', () => {
  test.each(['/', '/section/Harbour', '/article/7'])('searches the archive for %s once', async (path) => {
    const cold = await request(app).get(path).expect(200).expect('Cache-Status', STORED);
    const warm = await request(app).get(path).expect(200).expect('Cache-Status', HIT);
    expect(warm.text).toBe(cold.text);
    expect(cold.text).toMatch(/Rendered at [\d:.]+ UTC in \d+ ms/);
  });

  test('renders one page for twenty readers who come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => request(app).get('/article/3')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const stored = answers.filter(({ headers }) => headers['cache-status'] === STORED);
    expect(stored).toHaveLength(1);
  });

  test('shows an edited headline at once, wherever it stands, and keeps what does not show it', async () => {
    const { text } = await request(app).get('/');
    const id = /article\/(\d+)/.exec(text)?.[1];
    await request(app).get('/section/Sport');
    await request(app).get(`/article/${id}`);
    await request(app)
      .post(`/article/${id}`)
      .type('form')
      .send({ headline: 'Whale <visits> the harbour' })
      .expect(303)
      .expect('Location', `/article/${id}`);
    for (const path of ['/', `/article/${id}`]) {
      const answer = await request(app).get(path).expect('Cache-Status', STORED);
      expect(answer.text).toContain('Whale &#60;visits&#62; the harbour');
    }
    await request(app).get('/section/Sport').expect('Cache-Status', HIT);
  });

  test('never keeps the form, and refuses an empty headline', async () => {
    await request(app).get('/article/1/edit').expect(200);
    await request(app)
      .get('/article/1/edit')
      .expect('Cache-Status', /no-store/);
    await request(app).post('/article/1').type('form').send({ headline: ' ' }).expect(400);
    await request(app).post('/article/1').expect(400);
  });

  test('answers a reader who has the page with 304, and a reload from the cache', async () => {
    const { headers } = await request(app).get('/article/2');
    await request(app)
      .get('/article/2')
      .set('If-None-Match', headers['etag'] ?? '')
      .expect(304)
      .expect('Cache-Status', HIT);
    await request(app).get('/article/2').set('Cache-Control', 'no-cache').expect('Cache-Status', HIT);
    await request(app).head('/article/2').expect(200).expect('Cache-Status', HIT);
  });

  test('does not know articles and sections that are not there', async () => {
    for (const path of ['/article/0', '/article/99999', '/article/x', '/section/Gossip'])
      await request(app).get(path).expect(404);
    await request(app).post('/article/99999').type('form').send({ headline: 'x' }).expect(404);
  });

  test('may be mounted under any path', async () => {
    const paper = express().use('/paper', createApp());
    const { text } = await request(paper).get('/paper').expect(200);
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link]) => link ?? '');
    expect(links.every((link) => link.startsWith('/paper/'))).toBe(true);
    await request(paper)
      .get(links.find((link) => link.includes('/article/')) ?? '')
      .expect('Cache-Status', STORED);
  });
});
