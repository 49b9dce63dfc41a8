import type { Server } from 'node:http';
import { createRequestHandler } from '@remix-run/express';
import type { ServerBuild } from '@remix-run/node';
import { Router } from 'express';
import { createServer as createVite } from 'vite';
import { serve } from './serve.ts';
import type { Services } from './services.ts';

// Shopify's CLI hands the address of its tunnel over as HOST, which everywhere else is where to listen.
if (process.env.HOST?.startsWith('https://')) {
  process.env.SHOPIFY_APP_URL ??= process.env.HOST;
  delete process.env.HOST;
}

await serve(liveAdmin);

/** The embedded admin straight from its sources, rebuilt as they change. */
async function liveAdmin(services: Services, server: Server): Promise<Router> {
  const { hostname } = new URL(services.environment.shopify.appUrl);
  const vite = await createVite({
    server: { middlewareMode: true, hmr: { server }, allowedHosts: [hostname] },
    appType: 'custom',
  });
  const router = Router();
  router.use(vite.middlewares);
  router.all(
    '*',
    createRequestHandler({
      build: async () => (await vite.ssrLoadModule('virtual:remix/server-build')) as ServerBuild,
      mode: 'development',
      getLoadContext: () => ({ services }),
    }),
  );
  return router;
}
