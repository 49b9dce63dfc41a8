import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openInstalled } from '../integration/installed.ts';

test('reconcile judges no order while a click that came before is still being captured by another worker', async () => {
  const installed = await openInstalled();
  const { tieback } = installed;
  await tieback.connect();
  await tieback.tapAd();
  installed.sell();
  const worker = new Client({ connectionString: tieback.databaseUrl });
  await worker.connect();
  onTestFinished(() => worker.end());
  await worker.query('BEGIN');
  await worker.query(`SELECT id FROM deliveries WHERE source = 'whatsapp' FOR UPDATE`);
  expect(await installed.reconcile()).toMatchObject({ kind: 'stopped', healed: 0 });
  expect(await tieback.pipeline.db.order.count()).toBe(0);
  await worker.query('ROLLBACK');
  expect(await installed.reconcile()).toMatchObject({ kind: 'done', healed: 1 });
  await tieback.work();
  expect(tieback.meta.accepted()).toHaveLength(1);
});
