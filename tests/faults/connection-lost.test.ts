import { createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../app/storage/database.ts';

/** A message of PostgreSQL's protocol (https://www.postgresql.org/docs/18/protocol-message-formats.html). */
function message(type: string, body: string | Buffer): Buffer {
  const head = Buffer.alloc(5, type);
  head.writeInt32BE(Buffer.byteLength(body) + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

const WELCOME = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', 'I')]);
const FAREWELL = message(
  'E',
  'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0',
);

test('a PostgreSQL that is stopped in the very moment of a connection costs a transaction, not the process', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    // In one piece, so that both are read before anything that waits for the first can act.
    socket.once('data', () => socket.end(Buffer.concat([WELCOME, FAREWELL])));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const db = openDatabase(`postgresql://tieback:none@127.0.0.1:${port}/tieback`);
  onTestFinished(() => db.$disconnect());
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.prependListener('uncaughtExceptionMonitor', note);
  onTestFinished(() => void process.off('uncaughtExceptionMonitor', note));
  await expect(db.$transaction((tx) => tx.$queryRaw`SELECT 1`)).rejects.toThrow();
  expect(uncaught).toEqual([]);
});
