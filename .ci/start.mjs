// npm start: the showcase runs in this very process, which package.json puts in the place of npm's shell (`exec`; what follows `||` there is for
// the shell of Windows, which has none). So signals reach it, and its exit code is the exit code.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';
import { bin, must, root } from './program.mjs';
import { takeTwiceAsOnce } from './signals.mjs';

takeTwiceAsOnce();
await install();
await must(bin('tsc'), ['-b', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)]);

const server = new URL('../examples/showcase/server.ts', import.meta.url);
process.argv[1] = fileURLToPath(server);
const { register } = await import('tsx/esm/api');
register();
await import(server.href);
