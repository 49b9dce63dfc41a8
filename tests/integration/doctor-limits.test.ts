import { expect, test } from 'vitest';
import { openAlerts } from '../../app/pipeline/alerts.ts';
import { runDoctor, runDoctors, type CheckRow } from '../../app/pipeline/doctor.ts';
import { connectWell, resultsOf, shopAnswers } from './doctor.ts';
import { openTieback, SHOP, type Tieback } from './tieback.ts';

const DAY_MS = 24 * 60 * 60_000;

async function check({ pipeline }: Tieback): Promise<CheckRow[]> {
  const shop = await pipeline.db.shop.findUniqueOrThrow({ where: { domain: SHOP } });
  return runDoctor(pipeline, shopAnswers(), shop);
}

/** Several shops, all of which are due. */
async function withShops(count: number): Promise<Tieback> {
  const tieback = await openTieback();
  for (let nth = 1; nth <= count; nth += 1) {
    await connectWell(tieback, {
      domain: `s${nth}.myshopify.com`,
      wabaId: `20229012934039${nth}`,
      phoneNumberId: `20654035224292${nth}`,
      datasetId: `87440011223344${nth}`,
      token: `EAAtoken-of-the-shop-${nth}`,
    });
  }
  return tieback;
}

const looked = ({ pipeline }: Tieback) => pipeline.db.shop.count({ where: { checks: { some: {} } } });

test('what stood before a night without an answer is no news after it', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback, { expiresAt: new Date(tieback.now.at.getTime() + 10 * DAY_MS) });
  const expiry = async (): Promise<string | undefined> =>
    resultsOf(await check(tieback), number.connectionId)['token_expiry'];
  expect(await expiry()).toBe('warning');
  tieback.now.forward(DAY_MS);
  const { graph } = tieback.pipeline;
  Object.assign(tieback.pipeline, { graph: () => Promise.resolve({ kind: 'cut', detail: 'TIMEOUT' }) });
  expect(await expiry()).toBe('unknown');
  tieback.now.forward(DAY_MS);
  expect(await expiry()).toBe('unknown');
  tieback.now.forward(DAY_MS);
  Object.assign(tieback.pipeline, { graph });
  expect(await expiry()).toBe('warning');
  const alerts = await openAlerts(tieback.pipeline.db, number.shopId);
  expect(alerts.map(({ name }) => name)).not.toContain('token_expiry');
});

test('a connection that Meta asked to leave alone is left alone, and what was found last stands', async () => {
  const tieback = await openTieback();
  const number = await connectWell(tieback);
  const before = resultsOf(await check(tieback), number.connectionId);
  const asked = tieback.meta.requests().length;
  const holdUntil = new Date(tieback.now.at.getTime() + 2 * DAY_MS);
  await tieback.pipeline.db.connection.updateMany({ data: { holdUntil } });
  tieback.now.forward(DAY_MS);
  expect(resultsOf(await check(tieback), number.connectionId)).toEqual(before);
  expect(tieback.meta.requests()).toHaveLength(asked);
  expect(await tieback.pipeline.db.check.count({ where: { subject: number.connectionId } })).toBe(
    Object.keys(before).length,
  );
});

test('a dataset is looked up, and made only where there is none', async () => {
  const tieback = await openTieback();
  await connectWell(tieback);
  const made = () =>
    tieback.meta.requests().filter(({ method, path }) => `${method} ${path}`.endsWith('/dataset'));
  await check(tieback);
  expect(made().map(({ method }) => method)).toEqual(['GET']);
});

test('the app that a token is of is learned', async () => {
  const tieback = await openTieback();
  await connectWell(tieback, { tokenAppId: null });
  await check(tieback);
  expect(await tieback.pipeline.db.connection.findMany()).toMatchObject([
    { tokenAppId: tieback.meta.app.id },
  ]);
});

test('the run ends when the shared app comes near a limit, and goes on in the next hour', async () => {
  const tieback = await withShops(9);
  tieback.meta.setUsage({ app: { call_count: 75 } });
  await runDoctors(tieback.pipeline, shopAnswers());
  // As many as are looked at side by side.
  expect(await looked(tieback)).toBe(8);
  tieback.meta.setUsage({ app: { call_count: 74 } });
  await runDoctors(tieback.pipeline, shopAnswers());
  expect(await looked(tieback)).toBe(9);
});

test('so it does when Meta says that the app’s limit is reached, but not for what concerns another app alone', async () => {
  const limited = await withShops(9);
  const { graph } = limited.pipeline;
  const refused = { error: { code: 4, message: 'Application request limit reached' } };
  const answer = {
    status: 400,
    body: JSON.stringify(refused),
    retryAfterSeconds: null,
    usageWaitSeconds: null,
  };
  Object.assign(limited.pipeline, {
    graph: (request: Parameters<typeof graph>[0]) =>
      request.path.includes('/subscribed_apps')
        ? Promise.resolve({ kind: 'answered', ...answer })
        : graph(request),
  });
  await runDoctors(limited.pipeline, shopAnswers());
  expect(await looked(limited)).toBe(8);

  const others = await withShops(9);
  others.meta.setUsage({ app: { call_count: 99 } });
  Object.assign(others.pipeline, { metaApp: { ...others.pipeline.metaApp, appId: '77' } });
  await runDoctors(others.pipeline, shopAnswers());
  expect(await looked(others)).toBe(9);
});
