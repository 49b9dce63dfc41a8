import { expect, test } from 'vitest';
import { openTieback } from './tieback.ts';

/** How PostgreSQL would answer when it may not read a whole table. */
async function plan(sql: string): Promise<string> {
  const { pipeline } = await openTieback();
  const rows = await pipeline.db.$transaction(async (tx) => {
    await tx.$executeRaw`SET LOCAL enable_seqscan = off`;
    return tx.$queryRawUnsafe<Record<string, string>[]>(`EXPLAIN ${sql}`);
  });
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

test.each([
  [
    'the events that wait for a connection',
    `SELECT connection_id, count(*) FROM conversion_events WHERE state = 'due'
      AND connection_id = ANY('{00000000-0000-7000-8000-000000000000}'::uuid[]) GROUP BY 1`,
    'conversion_events_due',
  ],
  [
    'the orders of a week that no delivery told of',
    `SELECT count(*) FROM orders WHERE shop_id = 1 AND paid_at >= now() - interval '7 days'
      AND paid_told_by = 'order_list'`,
    'orders_found',
  ],
  [
    'the connections of a number as it is shown',
    `SELECT c.id FROM unnest('{5511912345678}'::text[]) AS m(digits) JOIN connections c ON c.number_digits = m.digits`,
    'connections_number_digits_idx',
  ],
  [
    'the alerts that are still to be mailed',
    `SELECT shop_id FROM alerts WHERE mailed_at IS NULL AND cleared_at IS NULL AND dismissed_at IS NULL`,
    'alerts_unmailed',
  ],
])('%s are found by an index of their own', async (_, sql, index) => {
  expect(await plan(sql)).toContain(index);
});
