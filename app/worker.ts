import { readShopifyCredentials, readStorageEnvironment } from './environment.ts';
import { createOpenAdmin } from './pipeline/admin-access.ts';
import { startWorker } from './pipeline/worker.ts';
import { runProcess } from './process.ts';
import { createLogger, openPipeline } from './services.ts';

await runProcess(async () => {
  const environment = readStorageEnvironment(process.env);
  const log = createLogger(environment.logLevel);
  const shopify = readShopifyCredentials(process.env);
  if (shopify === null) log.warn('SHOPIFY_API_KEY and SHOPIFY_API_SECRET are not set: nothing is reconciled');
  const { pipeline, databaseUrl, close } = await openPipeline(environment, log);
  const worker = await startWorker(pipeline, databaseUrl, shopify && createOpenAdmin(pipeline, shopify));
  log.info('the worker is up');
  return {
    log,
    async stop() {
      await worker.stop();
      await close();
    },
  };
});
