import { PassThrough } from 'node:stream';
import type { AppLoadContext, EntryContext } from '@remix-run/node';
import { createReadableStreamFromReadable } from '@remix-run/node';
import { RemixServer } from '@remix-run/react';
import { isbot } from 'isbot';
import { renderToPipeableStream } from 'react-dom/server';

const RENDER_TIMEOUT_MS = 5_000;

/**
 * Renders a document, streamed to browsers and whole to crawlers. The frame-ancestors header that lets the Shopify
 * admin frame the page is set here for every document (shopify.dev/docs/apps/build/security/set-up-iframe-protection).
 */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  { services }: AppLoadContext,
): Promise<Response> {
  services.shopify.addDocumentResponseHeaders(request, headers);
  const readyEvent = isbot(request.headers.get('user-agent')) ? 'onAllReady' : 'onShellReady';

  return new Promise((resolve, reject) => {
    let answered = false;
    const { pipe, abort } = renderToPipeableStream(
      <RemixServer context={remixContext} url={request.url} abortDelay={RENDER_TIMEOUT_MS} />,
      {
        [readyEvent]: () => {
          answered = true;
          const body = new PassThrough();
          headers.set('Content-Type', 'text/html; charset=utf-8');
          resolve(new Response(createReadableStreamFromReadable(body), { headers, status }));
          pipe(body);
        },
        onShellError: reject,
        onError: (error) => {
          status = 500;
          // Before the first byte the rejection reaches the server's own error handling, which logs it.
          if (answered) services.log.error({ err: error }, 'page failed while streaming');
        },
      },
    );
    // A second more than Remix waits, so that its boundary contents can still be flushed.
    setTimeout(abort, RENDER_TIMEOUT_MS + 1_000).unref();
  });
}
