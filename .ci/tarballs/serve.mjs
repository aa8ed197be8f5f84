import { once } from 'node:events';

/** Listens while `use` asks the app at the URL it is given. */
export async function serve(app, use) {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
