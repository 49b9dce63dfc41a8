import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Database } from '../storage/database.ts';

export type Metrics = {
  registry: Registry;
  /** Webhook deliveries by source and answer. */
  received: Counter<'source' | 'answer'>;
  /** Conversion events by what became of one try. */
  sent: Counter<'outcome'>;
};

/** Counters of this process, and the backlog, which is read when somebody asks. */
export function createMetrics(db: Database): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'tieback_deliveries_due',
    help: 'Deliveries stored and not worked yet',
    registers,
    async collect() {
      this.set(await db.delivery.count({ where: { state: 'due' } }));
    },
  });
  new Gauge({
    name: 'tieback_events_due',
    help: 'Conversion events waiting to be sent',
    registers,
    async collect() {
      this.set(await db.conversionEvent.count({ where: { state: { in: ['due', 'sending'] } } }));
    },
  });
  return {
    registry,
    received: new Counter({
      name: 'tieback_webhooks_total',
      help: 'Webhook deliveries by source and answer',
      labelNames: ['source', 'answer'],
      registers,
    }),
    sent: new Counter({
      name: 'tieback_event_tries_total',
      help: 'Tries to send a conversion event by outcome',
      labelNames: ['outcome'],
      registers,
    }),
  };
}
