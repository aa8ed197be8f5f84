import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Bench, Contender } from '../shared/bench.ts';
import { openLoad } from './load.ts';
import type { Standing } from './server.ts';

const CONNECTIONS = 16;
const REQUESTS = 250;

/** This process only asks; the server that is measured is its child. */
async function contend(kind: string): Promise<Contender> {
  const server = fork(fileURLToPath(new URL('./server.ts', import.meta.url)), [kind]);
  const [port] = (await once(server, 'message')) as [number];

  async function ask(): Promise<Standing> {
    server.send('standing');
    const [standing] = (await once(server, 'message')) as [Standing];
    return standing;
  }

  const load = openLoad(port, '/news/1', CONNECTIONS);
  await load.ask(1);
  return {
    async measure() {
      const before = await ask();
      const start = performance.now();
      await load.ask(REQUESTS);
      const seconds = (performance.now() - start) / 1000;
      const requests = CONNECTIONS * REQUESTS;
      const after = await ask();
      const rendered = after.rendered - before.rendered;
      if (rendered !== (kind === 'bare' ? requests : 0))
        throw new Error(`${kind} rendered ${rendered} of ${requests} pages`);
      return { 'µs CPU': (after.cpu - before.cpu) / requests, 'requests/s': requests / seconds };
    },
    close() {
      load.close();
      server.disconnect();
    },
  };
}

export const bench: Bench = {
  title: 'A web hit',
  about:
    'One GET of a 10 KB page over 16 keep-alive connections, CPU of the server process alone. The floor is an Express 5 route that sends the page ' +
    'with fixed headers; the others are hits in front of that very route.',
  scenarios: ['10 KB'],
  contenders: {
    'bare Express handler': () => contend('bare'),
    'kvasir web()': () => contend('kvasir'),
    apicache: () => contend('apicache'),
  },
  packages: ['express', 'apicache'],
};
