import type { Logger } from 'pino';
import type { Mailer } from '../platforms/mail.ts';
import type { GraphClient } from '../platforms/meta/graph.ts';
import type { BlindIndex } from '../storage/blind-index.ts';
import type { Database } from '../storage/database.ts';
import type { Vault } from '../storage/vault.ts';
import type { Bell } from '../storage/wake.ts';
import type { Metrics } from './metrics.ts';

/** The Meta app that all shops share; each part is null where it is not set up. */
export type MetaApp = {
  appId: string | null;
  appSecret: string | null;
  signupConfigId: string | null;
  graphVersion: string;
  /** What Meta groups events by, as agreed with it. */
  partnerAgent: string;
};

/** What every step works with; clock and randomness come in so that a test can hold them. */
export type Pipeline = {
  db: Database;
  vault: Vault;
  index: BlindIndex;
  graph: GraphClient;
  metaApp: MetaApp;
  /** By which the Shopify admin finds the app; null where Shopify's variables are not set. */
  shopifyApiKey: string | null;
  /** Null where no mail can be sent. */
  mailer: Mailer | null;
  bell: Bell;
  log: Logger;
  metrics: Metrics;
  clock: () => Date;
  random: () => number;
};
