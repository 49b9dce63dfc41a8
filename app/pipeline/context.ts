import type { Logger } from 'pino';
import type { GraphClient } from '../platforms/meta/graph.ts';
import type { BlindIndex } from '../storage/blind-index.ts';
import type { Database } from '../storage/database.ts';
import type { Vault } from '../storage/vault.ts';
import type { Bell } from '../storage/wake.ts';
import type { Metrics } from './metrics.ts';

/** What every step works with; clock and randomness come in so that a test can hold them. */
export type Pipeline = {
  db: Database;
  vault: Vault;
  index: BlindIndex;
  graph: GraphClient;
  bell: Bell;
  log: Logger;
  metrics: Metrics;
  clock: () => Date;
  random: () => number;
};
