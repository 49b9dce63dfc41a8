import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { OpenAdmin } from '../../app/pipeline/admin-access.ts';
import { doctorJob, runDoctors } from '../../app/pipeline/doctor.ts';
import { connectWell, shopAnswers } from './doctor.ts';
import { jsonOf, openOperated, tiebackCommand } from './operator.ts';
import { openTieback, SHOP, type Tieback } from './tieback.ts';

const OTHER = 'outra-loja.myshopify.com';
const HOUR_MS = 3_600_000;
const OTHER_NUMBER = {
  domain: OTHER,
  wabaId: '202290129340398',
  phoneNumberId: '206540352242922',
  displayNumber: '+55 21 91234-5678',
  datasetId: '874400112233445',
  token: 'EAAtoken-of-the-other-shop',
};

async function checkedShops({ pipeline }: Tieback): Promise<string[]> {
  const shops = await pipeline.db.shop.findMany({
    where: { checks: { some: {} } },
    select: { domain: true },
    orderBy: { id: 'asc' },
  });
  return shops.map(({ domain }) => domain);
}

test('every day each installed shop with a connection is looked at, once', async () => {
  const tieback = await openTieback();
  await connectWell(tieback);
  const gone = await connectWell(tieback, OTHER_NUMBER);
  await tieback.pipeline.db.shop.update({
    where: { id: gone.shopId },
    data: { uninstalledAt: tieback.now.at },
  });
  await tieback.pipeline.db.shop.create({ data: { domain: 'sem-numero.myshopify.com' } });

  await doctorJob(tieback.pipeline, shopAnswers()).run();
  expect(await checkedShops(tieback)).toEqual([SHOP]);
  const asked = tieback.meta.requests().length;
  const looks: number[] = [];
  for (let hour = 1; hour <= 5 * 24; hour += 1) {
    tieback.now.forward(HOUR_MS);
    const before = tieback.meta.requests().length;
    await doctorJob(tieback.pipeline, shopAnswers()).run();
    const now = tieback.meta.requests().length;
    if (now > before) looks.push(hour);
    expect([0, asked]).toContain(now - before);
  }
  // In its own hour, once it has found it.
  expect(looks.length).toBeGreaterThanOrEqual(4);
  const [last = 0, previous = 0] = looks.toReversed();
  expect(last - previous).toBe(24);
  expect(await checkedShops(tieback)).toEqual([SHOP]);
});

test('shops are spread over the day', async () => {
  const tieback = await openTieback();
  const { db } = tieback.pipeline;
  const installedAt = new Date(tieback.now.at.getTime() - 13 * HOUR_MS);
  const ids = Array.from({ length: 48 }, (_, index) => index + 1);
  await db.shop.createMany({ data: ids.map((id) => ({ id, domain: `s${id}.myshopify.com`, installedAt })) });
  await db.connection.createMany({
    data: ids.map((shopId) => ({ shopId, id: randomUUID(), kind: 'pixel', datasetId: '1', token: '' })),
  });
  await runDoctors(tieback.pipeline, null);
  expect((await checkedShops(tieback)).length).toBeLessThan(12);
  for (let hour = 1; hour < 24; hour += 1) {
    tieback.now.forward(HOUR_MS);
    await runDoctors(tieback.pipeline, null);
  }
  expect(await checkedShops(tieback)).toHaveLength(48);
});

test('a shop that fails does not stop the others, and is tried again in the next hour', async () => {
  const tieback = await openTieback();
  await connectWell(tieback);
  await connectWell(tieback, OTHER_NUMBER);
  const half: OpenAdmin = (shop) =>
    shop === SHOP ? Promise.reject(new Error('the lights went out')) : shopAnswers()(shop);
  await runDoctors(tieback.pipeline, half);
  expect(await checkedShops(tieback)).toEqual([OTHER]);
  await runDoctors(tieback.pipeline, shopAnswers());
  expect(await checkedShops(tieback)).toEqual([SHOP, OTHER]);
});

test('a worker that is told to stop begins with no further shop', async () => {
  const tieback = await openTieback();
  await connectWell(tieback);
  await runDoctors(tieback.pipeline, shopAnswers(), AbortSignal.abort());
  expect(await checkedShops(tieback)).toEqual([]);
});

test('the command prints every check and fails when one of them did', async () => {
  const { tieback, env } = await openOperated();
  // The command runs by the machine's own clock. Meta's stands still here, and must not be behind.
  tieback.now.at = new Date(Date.now() + 30_000);
  const number = await connectWell(tieback);
  const given = { ...env, META_GRAPH_URL: tieback.meta.url, META_APP_ID: tieback.meta.app.id };
  const well = (await jsonOf(['doctor', '--shop', SHOP], given)) as Record<string, unknown>[];
  expect(well).toContainEqual({
    check: 'token_valid',
    subject: number.connectionId,
    ok: true,
    result: 'ok',
    detail: 'Meta accepts the access token.',
    fix: null,
  });
  expect(well).toContainEqual(
    expect.objectContaining({ check: 'shopify_scopes', subject: 'shop', ok: false }),
  );
  expect(well.map(({ result }) => result)).not.toContain('failed');

  tieback.meta.revokeToken(number.token);
  const ended = await tiebackCommand(['doctor', '--shop', SHOP, '--json'], given);
  expect(ended.code).toBe(1);
  expect(JSON.parse(ended.out)).toContainEqual(
    expect.objectContaining({ check: 'token_valid', ok: false, result: 'failed' }),
  );
  expect(ended.out + ended.words).not.toContain(number.token);
});
