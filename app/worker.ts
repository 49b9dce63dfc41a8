import { readStorageEnvironment } from './environment.ts';
import { startWorker } from './pipeline/worker.ts';
import { runProcess } from './process.ts';
import { createLogger, openPipeline } from './services.ts';

await runProcess(async () => {
  const environment = readStorageEnvironment(process.env);
  const log = createLogger(environment.logLevel);
  const { pipeline, databaseUrl, close } = await openPipeline(environment, log);
  const worker = await startWorker(pipeline, databaseUrl);
  log.info('the worker is up');
  return {
    log,
    async stop() {
      await worker.stop();
      await close();
    },
  };
});
