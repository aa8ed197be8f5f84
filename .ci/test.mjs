// npm test: types first, then every test, or those that the arguments name (`npm test -- packages/web`).
import { install } from './install.mjs';
import { bin, must } from './program.mjs';
import { endWithParent } from './signals.mjs';

endWithParent();
await install();
await must(bin('tsc'), ['-b']);
await must(bin('vitest'), ['run', ...process.argv.slice(2)]);
