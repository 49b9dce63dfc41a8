#!/usr/bin/env node
import { EnvironmentError, readStorageEnvironment } from '../environment.ts';
import { createLogger, openPipeline } from '../services.ts';
import { apiKey } from './api-key.ts';
import { chatLink } from './chat-link.ts';
import { type Command, UsageError } from './command.ts';
import { connect } from './connect.ts';
import { contacts } from './contacts.ts';
import { coverage } from './coverage.ts';
import { deliveries } from './deliveries.ts';
import { doctor } from './doctor.ts';
import { events } from './events.ts';
import { link } from './link.ts';
import { migrateCommand } from './migrate.ts';
import { orders } from './orders.ts';
import { preview } from './preview.ts';
import { reattribute } from './reattribute.ts';
import { reconcile } from './reconcile.ts';
import { replay } from './replay.ts';
import { resolve } from './resolve.ts';
import { settings } from './settings.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  connect,
  orders,
  events,
  coverage,
  contacts,
  reconcile,
  reattribute,
  link,
  deliveries,
  replay,
  settings,
  resolve,
  doctor,
  preview,
  'chat-link': chatLink,
  'api-key': apiKey,
  migrate: migrateCommand,
};

const exitCode = await run(process.argv.slice(2));
// Prisma's schema engine leaves a timer of 10 seconds behind, so the process is ended once all output is out.
process.stdout.write('', () => process.exit(exitCode));

/** 0 fine, 1 failed, 2 wrong use. Results go to standard output, everything else to standard error. */
async function run([name, ...args]: string[]): Promise<number> {
  const command = name === undefined ? undefined : COMMANDS[name];
  if (!command) {
    process.stderr.write(usage(name));
    return name === undefined || name === '--help' || name === 'help' ? 0 : 2;
  }
  const json = args.includes('--json');
  try {
    const work = command.prepare(args.filter((arg) => arg !== '--json'));
    const environment = readStorageEnvironment(process.env);
    // The commands speak for themselves; only trouble is logged.
    const log = createLogger(process.env.LOG_LEVEL ? environment.logLevel : 'error');
    const { pipeline, close } = await openPipeline(environment, log);
    try {
      const result = await work(pipeline);
      process.stdout.write(json ? `${JSON.stringify(result.json)}\n` : `${result.text}\n`);
      return result.failed ? 1 : 0;
    } finally {
      await close();
    }
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\nusage: tieback ${command.usage}\n`);
      return 2;
    }
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`tieback ${name}: ${message}\n`);
    return error instanceof EnvironmentError ? 2 : 1;
  }
}

function usage(name: string | undefined): string {
  const lines = Object.values(COMMANDS).map((command) => `  ${command.usage}\n      ${command.purpose}`);
  const wrong =
    name === undefined || name === '--help' || name === 'help' ? '' : `There is no command "${name}".\n\n`;
  return `${wrong}usage: npm run tieback -- COMMAND [--json]\n\n${lines.join('\n')}\n`;
}
