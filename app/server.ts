import { createServer, type Server } from 'node:http';
import { readEnvironment } from './environment.ts';
import { adminRoutes, createHttpApp } from './http.ts';
import { runProcess } from './process.ts';
import { startWorker } from './pipeline/worker.ts';
import { createLogger, createServices, openPipeline } from './services.ts';

await runProcess(async () => {
  const environment = readEnvironment(process.env);
  const log = createLogger(environment.logLevel);
  const { pipeline, databaseUrl, close } = await openPipeline(environment, log);
  const services = createServices(pipeline, environment);
  const server = await listen(
    createServer(createHttpApp(services, await adminRoutes(services))),
    environment,
  );
  const worker = environment.worker === 'inline' ? await startWorker(services, databaseUrl) : null;
  log.info({ host: environment.host, port: environment.port, worker: environment.worker }, 'Tieback is up');
  return {
    log,
    async stop() {
      await closeServer(server);
      await worker?.stop();
      await close();
    },
  };
});

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

/** Lets requests under way finish; idle keep-alive connections are closed at once. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
