import { createServer, type Server } from 'node:http';
import type { Router } from 'express';
import { readEnvironment } from './environment.ts';
import { createHttpApp } from './http.ts';
import { createOpenAdmin } from './pipeline/admin-access.ts';
import { startWorker } from './pipeline/worker.ts';
import { runProcess } from './process.ts';
import { createLogger, createServices, openPipeline, type Services } from './services.ts';

/** Runs the web process, with the worker in it unless WORKER=off. `admin` makes the embedded admin's router. */
export function serve(admin: (services: Services, server: Server) => Promise<Router>): Promise<void> {
  return runProcess(async () => {
    const environment = readEnvironment(process.env);
    const log = createLogger(environment.logLevel);
    const { pipeline, databaseUrl, close } = await openPipeline(environment, log);
    const services = createServices(pipeline, environment);
    const server = createServer();
    // Longer than proxies keep an idle connection (60 s is usual): otherwise both may close and reuse it in one moment.
    server.keepAliveTimeout = 75_000;
    server.on('request', createHttpApp(services, await admin(services, server)));
    await listen(server, environment);
    const { apiKey, apiSecrets } = environment.shopify;
    const openAdmin = createOpenAdmin(pipeline, { apiKey, apiSecret: apiSecrets[0] });
    const worker =
      environment.worker === 'inline' ? await startWorker(services, databaseUrl, openAdmin) : null;
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
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

/** Lets requests under way finish; idle keep-alive connections are closed at once. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
