import { Redis } from 'ioredis';
import { createApp } from './app.ts';
import { printUniform, runUniformCases } from './uniform.ts';

console.log(printUniform(await runUniformCases()));

const url = process.env['REDIS_URL'];
const client = url === undefined ? undefined : new Redis(url);
// Redis may come and go: the cache answers from memory meanwhile.
client?.on('error', (error) => console.error(`redis: ${error.message}`));

const server = createApp(client).listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : address;
  console.log(
    `\nlistening on http://127.0.0.1:${port} over ${url === undefined ? 'memory (REDIS_URL for Redis)' : 'Redis'}`,
  );
});
