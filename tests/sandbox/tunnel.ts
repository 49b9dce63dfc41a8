import { Agent, request as openRequest } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { listenOnLoopback, sendText } from './loopback-server.ts';
import type { LoopbackServer } from './loopback-server.ts';

/**
 * A reverse proxy in front of the app, as a development tunnel is: bytes pass unchanged both ways.
 * The app lets Shopify's admin frame it; `allowFraming` (the pretend admin's origin) joins that list here,
 * so that the app itself needs no exception for tests.
 */
export async function startTunnel(options: {
  target: () => string;
  allowFraming: string;
}): Promise<LoopbackServer> {
  const agent = new Agent({ keepAlive: true });

  function forward(request: IncomingMessage, response: ServerResponse): void {
    const target = new URL(request.url ?? '/', options.target());
    const headers: OutgoingHttpHeaders = {
      ...request.headers,
      'x-forwarded-for': request.socket.remoteAddress ?? '127.0.0.1',
      'x-forwarded-host': request.headers.host ?? '',
      'x-forwarded-proto': 'http',
    };
    const upstream = openRequest(target, { agent, method: request.method ?? 'GET', headers });
    upstream.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, allowFrame(answer.rawHeaders, options.allowFraming));
      pipeline(answer, response, () => undefined);
    });
    upstream.once('error', (error) => {
      if (response.headersSent || response.destroyed) return void response.destroy();
      sendText(response, 502, `The tunnel could not reach the app: ${error.message}`, {
        'content-type': 'text/plain',
      });
    });
    response.once('close', () => {
      if (!response.writableFinished) upstream.destroy();
    });
    pipeline(request, upstream, () => undefined);
  }

  const server = await listenOnLoopback(forward);
  return {
    url: server.url,
    async close() {
      await server.close();
      agent.destroy();
    },
  };
}

function allowFrame(rawHeaders: string[], origin: string): string[] {
  return rawHeaders.map((value, index) => {
    const name = index % 2 === 1 ? rawHeaders[index - 1] : undefined;
    if (name?.toLowerCase() !== 'content-security-policy') return value;
    return value.replace(/frame-ancestors([^;]*)/, (_, sources: string) =>
      ['frame-ancestors', sources.replace("'none'", '').trim(), origin].filter(Boolean).join(' '),
    );
  });
}
