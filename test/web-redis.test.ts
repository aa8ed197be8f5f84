import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { findOwnRedis, findRedis, REDIS_MISSING, type RedisServer, until } from '@kvasir/core/testing';
import { web } from '@kvasir/web';
import express, { type RequestHandler } from 'express';
import request, { type Test } from 'supertest';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { openProcess } from './tiers/process.ts';

const server = await findRedis();
afterAll(() => server?.stop());

const HIT = /^kvasir; hit; ttl=\d+$/;

/** Two processes with a site each, that share Redis and a host name. */
async function openSites(redis: RedisServer, handler: RequestHandler) {
  const prefix = `kvasir-test-${randomUUID()}:`;
  const processes = [openProcess(redis, { prefix }), openProcess(redis, { prefix })] as const;
  await Promise.all(processes.map((process) => process.connected()));
  const sites = await Promise.all(
    processes.map(async ({ cache }) => {
      const pages = web({ cache });
      const http = express().use(pages, handler).listen(0, '127.0.0.1');
      await once(http, 'listening');
      onTestFinished(() => {
        http.closeAllConnections();
        http.close();
      });
      return { pages, http };
    }),
  );
  return { processes, sites };
}

function ask(http: Server, method: 'get' | 'post' = 'get'): Test {
  return request(http)[method]('/page').set('Host', 'news.example');
}

describe('web in processes that share Redis', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('runs the handler once for all of them, and serves its bytes from each', async () => {
    let runs = 0;
    const body = Buffer.from([0, 255, 10, 13, 128]);
    const { sites } = await openSites(server, (_req, res) => {
      runs += 1;
      res.set('Cache-Control', 'public, max-age=60').type('application/octet-stream').send(body);
    });
    const answers = await Promise.all(
      sites.flatMap(({ http }) => Array.from({ length: 10 }, () => ask(http).buffer(true))),
    );
    for (const answer of answers) expect(answer.body).toEqual(body);
    expect(runs).toBe(1);
    for (const { http } of sites) await ask(http).expect('Cache-Status', HIT);
  });

  test('serves nowhere what was changed or purged in one of them', async () => {
    let version = 1;
    const { sites, processes } = await openSites(server, (req, res) => {
      if (req.method === 'POST') version += 1;
      res.set('Cache-Control', 'public, max-age=60').set('Vary', 'Accept-Language').send(`version ${version}`);
    });
    const [here, there] = sites;
    if (here === undefined || there === undefined) throw new Error('two sites');
    const hear = async (change: () => PromiseLike<unknown>): Promise<void> => {
      const { heard } = processes[1];
      await change();
      await until('the other process has heard of it', () => processes[1].heard > heard);
    };
    await ask(here.http);
    expect((await ask(there.http).expect('Cache-Status', HIT)).text).toBe('version 1');
    await hear(() => ask(here.http, 'post'));
    expect((await ask(there.http)).text).toBe('version 2');
    version = 3;
    await hear(() => here.pages.purge('/page'));
    expect((await ask(there.http)).text).toBe('version 3');
  });
});

test('answers from its handlers while Redis is gone, and from the cache when it is back', async ({ skip }) => {
  const own = await findOwnRedis();
  if (own === undefined) return skip(REDIS_MISSING);
  onTestFinished(() => own.stop());
  const { sites } = await openSites(own, (_req, res) => {
    res.set('Cache-Control', 'public, max-age=60').send('page');
  });
  const http = sites[0]?.http as Server;
  await ask(http).expect(200);
  await own.kill();
  for (let round = 0; round < 5; round++) expect((await ask(http).expect(200)).text).toBe('page');
  await own.restart();
  await until('pages are stored again', async () => HIT.test((await ask(http)).headers['cache-status'] ?? ''), 15_000);
}, 30_000);
