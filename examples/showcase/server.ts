import type { AddressInfo } from 'node:net';
import { createApp } from './app.ts';
import { runTour } from './tour.ts';

console.log('Starting PostgreSQL, loading models, writing the news …');
const { app, scenarios, close } = await createApp();
const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');

let isStopping = false;
async function stop(exitCode: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  server.close();
  server.closeAllConnections();
  await close();
  process.exit(exitCode);
}
process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));

server.on('error', (error) => {
  console.error(`Cannot listen: ${error.message}. PORT names another port.`);
  void stop(1);
});
server.on('listening', () => void greet());

async function greet(): Promise<void> {
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  console.log(`listening on ${base}\n`);
  try {
    for await (const line of runTour(base, scenarios)) console.log(line);
    console.log(`\nNow look for yourself: ${base}   (Ctrl-C ends it)`);
  } catch (error) {
    if (!isStopping) console.error('The tour ended early:', error);
  }
}
