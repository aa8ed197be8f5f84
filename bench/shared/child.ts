// One contender of one bench, in a process of its own: `child.ts <bench file> <contender>`. Measures when its parent says so.
import type { Bench } from './bench.ts';

const [file = '', name = ''] = process.argv.slice(2);
const { bench } = (await import(file)) as { bench: Bench };
const start = bench.contenders[name];
if (start === undefined) throw new Error(`${file} has no contender ${name}`);
const contender = await start();

process.on('message', (scenario: string) => {
  void (async () => {
    if (scenario === 'end') {
      await contender.close?.();
      process.exit(0);
    }
    globalThis.gc?.();
    process.send?.(await contender.measure(scenario));
  })();
});
process.send?.('ready');
