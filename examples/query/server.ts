import { createApp } from './app.ts';

const { app, close } = await createApp();
const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : address;
  console.log(`listening on http://127.0.0.1:${port}`);
});

process.once('SIGINT', () => {
  server.close();
  server.closeAllConnections();
  void close();
});
