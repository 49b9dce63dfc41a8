import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../app/storage/free-port.ts';

/**
 * How the line treats the next request. `swallow_request` and `swallow_answer` leave the socket half open: one side waits
 * for what never comes. `reset` drops the connection before a byte is passed on. `refuse` does not listen at all.
 */
export type LineFault = 'swallow_request' | 'swallow_answer' | 'reset' | 'refuse';
export type Line = {
  url: string;
  /** Says where the line leads. */
  lead(url: string): void;
  break(fault: LineFault): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
};

/** A line of TCP to `lead`'s address, which breaks when it is told to. A fault but `refuse` is over with one request. */
export async function openLine(): Promise<Line> {
  let target = { port: 0, host: '127.0.0.1' };
  const port = await freePort();
  const sockets = new Set<Socket>();
  let fault: LineFault | null = null;

  function carry(client: Socket): void {
    const upstream = connect(target);
    let treatment: LineFault | null = null;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (fault !== null) [treatment, fault] = [fault, null];
      if (treatment === 'reset') client.resetAndDestroy();
      else if (treatment !== 'swallow_request') upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (treatment !== 'swallow_answer') client.write(bytes);
    });
  }

  let server: Server | null = await listen(port, carry);
  const stop = async (): Promise<void> => {
    const stopping = server;
    server = null;
    for (const socket of sockets) socket.destroy();
    if (stopping) await new Promise<void>((resolve) => void stopping.close(() => resolve()));
  };
  return {
    url: `http://127.0.0.1:${port}`,
    lead(url) {
      target = { port: Number(new URL(url).port), host: new URL(url).hostname };
    },
    async break(kind) {
      if (kind === 'refuse') await stop();
      else fault = kind;
    },
    async mend() {
      fault = null;
      server ??= await listen(port, carry);
    },
    close: stop,
  };
}

function listen(port: number, carry: (client: Socket) => void): Promise<Server> {
  const server = createServer(carry);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
