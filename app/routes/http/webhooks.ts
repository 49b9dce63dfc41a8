import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import { createInboxWriter } from '../../pipeline/inbox-writer.ts';
import {
  receiveShopify,
  receiveWhatsApp,
  verifyWhatsAppPath,
  type Received,
  type WhatsAppPath,
} from '../../pipeline/receive.ts';
import type { Services } from '../../services.ts';
import { awaited } from './awaited.ts';

const MIB = 1024 * 1024;
// Meta sends up to 3 MB (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview).
const WHATSAPP_LIMIT = 4 * MIB;
const SHOPIFY_LIMIT = 5 * MIB;

/** The webhooks of Shopify and WhatsApp: verify over the raw bytes, store once, answer. */
export function webhookRoutes(services: Services): Router {
  const router = Router();
  const receiver = { ...services, inbox: createInboxWriter(services) };
  const whatsapp = ['/webhooks/whatsapp', '/webhooks/whatsapp/:connectionId'];

  router.post(
    '/webhooks/shopify',
    rawBody(SHOPIFY_LIMIT),
    awaited(async (request, response) => {
      const secrets = services.environment.shopify.apiSecrets;
      const received = await receiveShopify(receiver, {
        raw: bytes(request),
        header: (name) => request.get(name),
        secrets,
      });
      answer(services, 'shopify', received, response);
    }),
  );

  router.get(
    whatsapp,
    awaited(async (request, response) => {
      const query = (name: string): string =>
        typeof request.query[name] === 'string' ? request.query[name] : '';
      const challenge = await verifyWhatsAppPath(services, {
        mode: query('hub.mode'),
        token: query('hub.verify_token'),
        challenge: query('hub.challenge'),
        path: whatsAppPath(request),
        sharedToken: services.environment.meta.verifyToken,
      });
      if (challenge === null) response.status(403).type('text').send('the verify token does not match\n');
      else response.status(200).type('text').send(challenge);
    }),
  );

  router.post(
    whatsapp,
    rawBody(WHATSAPP_LIMIT),
    awaited(async (request, response) => {
      const received = await receiveWhatsApp(receiver, {
        raw: bytes(request),
        signature: request.get('x-hub-signature-256'),
        path: whatsAppPath(request),
        sharedSecrets: services.environment.meta.appSecrets,
      });
      answer(services, 'whatsapp', received, response);
    }),
  );

  router.all('/webhooks/shopify', notAllowed('POST'));
  router.all(whatsapp, notAllowed('GET, POST'));
  router.use('/webhooks', unreadable(services));
  return router;
}

function answer(
  services: Services,
  source: 'shopify' | 'whatsapp',
  received: Received,
  response: Response,
): void {
  services.metrics.received.inc({ source, answer: received.kind });
  switch (received.kind) {
    case 'stored':
    case 'already_stored':
    case 'not_needed':
      response.status(200).end();
      return;
    case 'bad_signature':
      services.log.info({ source }, 'a webhook without a valid signature was refused');
      response.status(401).type('text').send('the signature does not match the body\n');
      return;
    case 'bad_request':
      services.log.info({ source, problem: received.problem }, 'a webhook was refused');
      response.status(400).type('text').send(`${received.problem}\n`);
      return;
    case 'not_stored':
      services.log.error({ source, err: received.error }, 'a webhook could not be stored');
      response.status(503).set('Retry-After', '5').type('text').send('not stored, send it again\n');
      return;
  }
}

/** The body as it came, whatever its content type; the signature covers these bytes and no others. */
function rawBody(limit: number): RequestHandler {
  return express.raw({ type: () => true, limit, inflate: false });
}

function bytes(request: Request): Buffer {
  // Express leaves an empty object when there was no body at all.
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function whatsAppPath(request: Request): WhatsAppPath {
  const { connectionId } = request.params;
  return connectionId === undefined ? { kind: 'shared' } : { kind: 'connection', id: connectionId };
}

function notAllowed(allow: string): RequestHandler {
  return (_request, response) => {
    response.status(405).set('Allow', allow).type('text').send(`only ${allow}\n`);
  };
}

/** A body that could not be read: too large, cut off, or compressed. */
function unreadable(services: Services): ErrorRequestHandler {
  return (error: { status?: number }, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    if (error.status === 413) {
      response.status(413).set('Connection', 'close').type('text').send('the body is too large\n');
      return;
    }
    if (error.status !== undefined && error.status < 500) {
      response.status(400).type('text').send('the body could not be read\n');
      return;
    }
    services.log.error({ err: error }, 'a webhook failed');
    response.status(503).set('Retry-After', '5').type('text').send('not stored, send it again\n');
  };
}
