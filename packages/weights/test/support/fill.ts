import { weights } from '@kvasir/weights';

// Fills a file until it is killed: `fill.ts <origin> <directory> <name>`.
const [origin = '', directory = '', name = ''] = process.argv.slice(2);
const models = weights({ origin, directory });
const opened = await models.open(name);
process.send?.('opened');
await opened.verify();
process.send?.('done');
