import { type Request, Router } from 'express';
import { isSameSecret } from '../../domain/secret.ts';
import { readiness } from '../../pipeline/readiness.ts';
import type { Services } from '../../services.ts';

/** For load balancers and monitoring. */
export function healthRoutes(services: Services): Router {
  const router = Router();

  router.get('/healthz', (_request, response) => {
    response.type('text').send('ok\n');
  });

  router.get('/readyz', async (_request, response) => {
    const state = await readiness(services);
    response.status(state.ready ? 200 : 503).json(state);
  });

  router.get('/metrics', async (request, response) => {
    if (!mayReadMetrics(services, request)) {
      response
        .status(403)
        .type('text')
        .send('metrics are for this machine, or for the bearer of METRICS_TOKEN\n');
      return;
    }
    const { registry } = services.metrics;
    try {
      response.set('Content-Type', registry.contentType).send(await registry.metrics());
    } catch (error) {
      // The backlog is read from the database.
      services.log.warn({ err: error }, 'the metrics could not be read');
      response.status(503).type('text').send('the database does not answer\n');
    }
  });

  return router;
}

function mayReadMetrics(services: Services, request: Request): boolean {
  const [, token] = /^Bearer (.+)$/.exec(request.get('authorization') ?? '') ?? [];
  const wanted = services.environment.metricsToken;
  if (token !== undefined && wanted !== null) return isSameSecret(token, wanted);
  // Behind a proxy on this machine every visitor seems to come from loopback.
  const proxied = request.get('x-forwarded-for') !== undefined || request.get('forwarded') !== undefined;
  return !proxied && /^(::1|(::ffff:)?127\.)/.test(request.socket.remoteAddress ?? '');
}
