// npm run bench: on the built packages, as a user has them; tsx only reads the bench itself.
import { install } from './install.mjs';
import { packages } from './pack.mjs';
import { bin, must } from './program.mjs';

await install();
await must(bin('tsc'), ['-b', ...packages.map((name) => `packages/${name}`)]);
await must(process.execPath, ['--import', 'tsx', 'bench/run.ts', ...process.argv.slice(2)]);
