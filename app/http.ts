import { fileURLToPath } from 'node:url';
import { createRequestHandler } from '@remix-run/express';
import type { ServerBuild } from '@remix-run/node';
import express, { Router, type Express } from 'express';
import { apiRoutes } from './routes/http/api.ts';
import { appProxyRoutes } from './routes/http/app-proxy.ts';
import { healthRoutes } from './routes/http/health.ts';
import { webhookRoutes } from './routes/http/webhooks.ts';
import type { Services } from './services.ts';

const BUILD = new URL('../build/', import.meta.url);

/** Everything that answers HTTP; `admin` is the embedded admin's router, or null for a process without pages. */
export function createHttpApp(services: Services, admin: Router | null): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(webhookRoutes(services));
  app.use(appProxyRoutes(services));
  app.use(apiRoutes(services));
  app.use(healthRoutes(services));
  if (admin) app.use(admin);
  return app;
}

/** The embedded admin as `npm run build` made it. */
export async function builtAdmin(services: Services): Promise<Router> {
  const build = (await import(new URL('server/index.js', BUILD).href)) as ServerBuild;
  const client = fileURLToPath(new URL('client/', BUILD));
  const router = Router();
  router.use('/assets', express.static(`${client}assets`, { immutable: true, maxAge: '1y' }));
  router.use(express.static(client, { maxAge: '1h' }));
  const getLoadContext = () => ({ services });
  router.all(
    '*',
    createRequestHandler({ build, mode: process.env.NODE_ENV ?? 'development', getLoadContext }),
  );
  return router;
}
