import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/** A keep-alive connection that sends one GET after another. Reads no more of an answer than it must: its cost is not the server's. */
class Connection {
  readonly #socket: Socket;
  readonly #request: string;
  #missing = 0;
  #head = '';
  #left = 0;
  #done: () => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;

  constructor(port: number, path: string) {
    this.#request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/html\r\n\r\n`;
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true);
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
  }

  ask(times: number): Promise<void> {
    this.#left = times;
    return new Promise((resolve, reject) => {
      this.#done = resolve;
      this.#fail = reject;
      this.#socket.write(this.#request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    let body = chunk.length;
    if (this.#missing === 0) {
      this.#head += chunk.toString('latin1');
      const end = this.#head.indexOf(HEAD_END);
      if (end === -1) return;
      if (!this.#head.startsWith('HTTP/1.1 200')) return this.#fail(new Error(this.#head.slice(0, 100)));
      this.#missing = Number(/\r\ncontent-length: (\d+)/i.exec(this.#head.slice(0, end))?.[1]);
      body = this.#head.length - end - HEAD_END.length;
      this.#head = '';
    }
    this.#missing -= body;
    if (this.#missing > 0) return;
    this.#left -= 1;
    if (this.#left === 0) this.#done();
    else this.#socket.write(this.#request);
  }
}

export interface Load {
  /** Resolves when each connection has had `times` answers. */
  ask(times: number): Promise<void>;
  close(): void;
}

export function openLoad(port: number, path: string, connections: number): Load {
  const open = Array.from({ length: connections }, () => new Connection(port, path));
  return {
    ask: async (times) => void (await Promise.all(open.map((connection) => connection.ask(times)))),
    close: () => open.forEach((connection) => connection.close()),
  };
}
