import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

export type LoopbackServer = { url: string; close(): Promise<void> };
export type ReadBody = { kind: 'body'; bytes: Buffer } | { kind: 'too_large' };

/**
 * Listens on a free port of 127.0.0.1. `close` ends every connection, so nothing outlives it.
 * A handler that throws answers 500 with its message: a fault of the sandbox should be seen at once.
 */
export async function listenOnLoopback(
  handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    Promise.resolve()
      .then(() => handle(request, response))
      .catch((error: unknown) => {
        if (response.headersSent || response.destroyed) return void response.destroy();
        response.writeHead(500, { 'content-type': 'text/plain' });
        response.end(`The sandbox failed: ${error instanceof Error ? error.message : String(error)}`);
      });
  });
  // An idle connection must not be dropped under a client about to use it: that would look like a cut.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The request's bytes exactly as they came, or `too_large` as soon as they exceed `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > limit) return { kind: 'too_large' };
    chunks.push(bytes);
  }
  return { kind: 'body', bytes: Buffer.concat(chunks, size) };
}

/** Answers with JSON. When the request was not read to its end, the connection is closed behind the answer. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  sendText(response, status, JSON.stringify(body), {
    'content-type': 'application/json; charset=UTF-8',
    ...headers,
  });
}

/** Answers with text; HTML unless a content type is given. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  const unread = !response.req.complete;
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...(unread ? { connection: 'close' } : {}),
    ...headers,
  });
  response.end(text, () => {
    if (unread) response.req.destroy();
  });
}
