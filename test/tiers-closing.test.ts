import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findOwnRedis, REDIS_MISSING } from '@kvasir/core/testing';
import { afterAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const server = await findOwnRedis();
afterAll(() => server?.stop());

const SCRIPT = fileURLToPath(new URL('./tiers/closing.ts', import.meta.url));

async function runToItsEnd(url: string): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, ['--conditions=@kvasir/source', '--import', 'tsx', SCRIPT, url], { timeout: 20_000 });
}

describe('a process that has closed its cache and its client', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('ends by itself', async () => {
    expect(await runToItsEnd(server.url)).toMatchObject({ stdout: 'value 1', stderr: '' });
  });

  test('ends by itself also when Redis is frozen or gone', async () => {
    server.pause();
    expect(await runToItsEnd(server.url)).toMatchObject({ stdout: 'value 1', stderr: '' });
    await server.kill();
    expect(await runToItsEnd(server.url)).toMatchObject({ stdout: 'value 1', stderr: '' });
  });
});
