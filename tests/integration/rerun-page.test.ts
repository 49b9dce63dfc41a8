import { expect, test } from 'vitest';
import type { Settings } from '../../app/domain/settings.ts';
import { actOnRerun } from '../../app/pages/rerun/act.ts';
import { loadRerun } from '../../app/pages/rerun/load.ts';
import { rerunBatch } from '../../app/pipeline/rerun.ts';
import { changeSettings } from './linking.ts';
import { openTieback, SHOP, type Tieback } from './tieback.ts';

const shopOf = ({ pipeline }: Tieback) => pipeline.db.shop.findUniqueOrThrow({ where: { domain: SHOP } });

async function compare(tieback: Tieback): Promise<void> {
  tieback.now.forward(1000);
  const form = new FormData();
  form.set('intent', 'compare');
  form.set('days', '7');
  const outcome = await actOnRerun(tieback.services, await shopOf(tieback), { form, by: 'test' });
  expect(outcome).toEqual({ kind: 'started' });
  while ((await rerunBatch(tieback.pipeline)) > 0);
}

test.each<[Partial<Settings>, boolean]>([
  [{ windowDays: 28 }, true],
  [{ model: 'linear' }, true],
  [{ phoneLimit: 9 }, true],
  [{ reportPurchase: false }, true],
  [{ reportOrderCreated: true }, true],
  [{ channelRenewal: 'business_messaging' }, true],
  [{ channelOnlineStore: 'none' }, true],
  [{ automaticEvents: 'report' }, true],
  [{ valueRule: 'subtotal' }, false],
  [{ sendCustomerHashes: false }, true],
  [{ unknownOutcome: 'resend' }, false],
])('after %j a comparison is outdated: %s, and a new one is not', async (changed, outdated) => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  await compare(tieback);
  const { run: first } = await loadRerun(tieback.services, await shopOf(tieback));
  expect(first).toMatchObject({ state: 'compared', outdated: false });
  await changeSettings(tieback, connection, changed);
  expect((await loadRerun(tieback.services, await shopOf(tieback))).run).toMatchObject({ outdated });
  await compare(tieback);
  const { run: second } = await loadRerun(tieback.services, await shopOf(tieback));
  expect(second).toMatchObject({ state: 'compared', outdated: false });
  expect(second?.id).not.toBe(first?.id);
});
