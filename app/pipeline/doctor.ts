import type { Check, Connection, Shop } from '../../prisma/generated/client.ts';
import { judgeNumber, judgePixel } from '../domain/doctor.ts';
import { alertStep } from '../domain/doctor-alert.ts';
import { judgeShop } from '../domain/doctor-shop.ts';
import { isCheckName, type Finding } from '../domain/doctor-words.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { Job } from '../storage/jobs.ts';
import type { OpenAdmin } from './admin-access.ts';
import { mailAlerts } from './alert-mail.ts';
import { clearAlert, openAlertKeys, raiseAlert } from './alerts.ts';
import type { Pipeline } from './context.ts';
import { lookAtConnection, lookAtShop } from './doctor-look.ts';

/** What the doctor found of one thing; `subject` is a connection's id, or "shop". */
export type CheckRow = Check;
export const SHOP_SUBJECT = 'shop';

type Diagnosis = { subject: string; findings: readonly Finding[] };

const SIDE_BY_SIDE = 2;
// Under the quarter of an hour after which pg-boss gives a run up; the next hour's run goes on.
const RUN_MS = 12 * 60_000;
const ONCE_A_NIGHT_MS = 12 * 60 * 60_000;

/**
 * Looks at a store and all its connections, stores what was found, and raises or takes back alerts. Runs side by side
 * do no harm: the one that looked last is right. `openAdmin` is null where Shopify's variables are not set.
 */
export async function runDoctor(
  pipeline: Pipeline,
  openAdmin: OpenAdmin | null,
  shop: Shop,
): Promise<CheckRow[]> {
  const at = pipeline.clock();
  const connections = await pipeline.db.connection.findMany({
    where: { shopId: shop.id, state: { not: 'disconnected' } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  const [ofShop, ...ofConnections] = await Promise.all([
    lookAtShop(pipeline, openAdmin, shop),
    ...connections.map((connection) => examine(pipeline, connection, at)),
  ]);
  const diagnoses = [...ofConnections, { subject: SHOP_SUBJECT, findings: judgeShop(ofShop) }];
  return pipeline.db.$transaction((tx) => store(pipeline, tx, { shop, at, diagnoses }));
}

async function examine(pipeline: Pipeline, connection: Connection, at: Date): Promise<Diagnosis> {
  const { kind, seen } = await lookAtConnection(pipeline, connection);
  const { shopId, id, token, tokenExpiresAt } = connection;
  if (seen.expiry.kind === 'found' && seen.expiry.value?.getTime() !== tokenExpiresAt?.getTime()) {
    // The token may have been replaced meanwhile.
    await pipeline.db.connection.updateMany({
      where: { shopId, id, token },
      data: { tokenExpiresAt: seen.expiry.value },
    });
  }
  return { subject: id, findings: kind === 'whatsapp' ? judgeNumber(seen, at) : judgePixel(seen, at) };
}

async function store(
  pipeline: Pipeline,
  tx: Transaction,
  { shop, at, diagnoses }: { shop: Shop; at: Date; diagnoses: readonly Diagnosis[] },
): Promise<CheckRow[]> {
  const shopId = shop.id;
  await tx.$queryRaw`SELECT 1 FROM shops WHERE id = ${shopId} FOR NO KEY UPDATE`;
  const before = await tx.check.findMany({ where: { shopId } });
  if (before.some(({ checkedAt }) => checkedAt > at)) return before;
  const known = new Map(before.map((row) => [`${row.subject} ${row.name}`, row]));
  const rows = diagnoses.flatMap(({ subject, findings }) =>
    findings.map((finding) => {
      const last = known.get(`${subject} ${finding.name}`);
      const since = last?.result === finding.result ? last.since : at;
      return { shopId, subject, ...finding, since, checkedAt: at };
    }),
  );
  await tx.check.deleteMany({ where: { shopId } });
  await tx.check.createMany({ data: rows });

  const open = await openAlertKeys(tx, shopId);
  for (const { subject, findings } of diagnoses) {
    for (const finding of findings) {
      const { name, detail, fix } = finding;
      const step = alertStep(known.get(`${subject} ${name}`)?.result ?? null, finding, findings);
      const isOpen = open.some((key) => key.subject === subject && key.name === name);
      if ((step === 'clear' || step === 'raise_again') && isOpen)
        await clearAlert(tx, pipeline.clock, { shopId, subject, name });
      if (step === 'raise' || step === 'raise_again')
        await raiseAlert(tx, pipeline.clock, { shopId, subject, name, detail, fix });
    }
  }
  const subjects = new Set(diagnoses.map(({ subject }) => subject));
  // Of a connection that was taken off.
  for (const key of open) {
    if (isCheckName(key.name) && !subjects.has(key.subject)) await clearAlert(tx, pipeline.clock, key);
  }
  return rows;
}

/**
 * The nightly look at every installed shop with a connection. It comes every hour of the night, each shop in one of
 * them, so that a long list or a stopped process delays nobody by a day.
 */
export function doctorJob(pipeline: Pipeline, openAdmin: OpenAdmin | null, stopping?: AbortSignal): Job {
  return { name: 'doctor', cron: '41 1-6 * * *', run: () => runDoctors(pipeline, openAdmin, stopping) };
}

/** One hour's run: two shops at a time, those first that have waited longest; one that fails holds up nobody. */
export async function runDoctors(
  pipeline: Pipeline,
  openAdmin: OpenAdmin | null,
  stopping?: AbortSignal,
): Promise<void> {
  const { clock, log } = pipeline;
  const end = clock().getTime() + RUN_MS;
  const isOver = (): boolean => stopping?.aborted === true || clock().getTime() >= end;
  const shops = await dueShops(pipeline);
  const next = async (): Promise<void> => {
    for (let shop = shops.shift(); shop !== undefined && !isOver(); shop = shops.shift()) {
      await runDoctor(pipeline, openAdmin, shop).catch((error: unknown) =>
        log.error({ err: error, shop: shop?.domain }, 'the doctor failed for a shop'),
      );
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, next));
  await mailAlerts(pipeline);
}

function dueShops({ db, clock }: Pipeline): Promise<Shop[]> {
  const before = new Date(clock().getTime() - ONCE_A_NIGHT_MS);
  return db.$queryRaw<Shop[]>(Prisma.sql`
    SELECT s.id, s.domain, s.gid, s.name, s.currency, s.country, s.timezone, s.plan, s.settings,
      s.installed_at AS "installedAt", s.uninstalled_at AS "uninstalledAt"
    FROM shops s
    LEFT JOIN checks k ON k.shop_id = s.id AND k.subject = ${SHOP_SUBJECT} AND k.name = 'channels_chosen'
    WHERE s.uninstalled_at IS NULL AND (k.checked_at IS NULL OR k.checked_at < ${before})
      AND EXISTS (SELECT FROM connections c WHERE c.shop_id = s.id AND c.state <> 'disconnected')
    ORDER BY k.checked_at NULLS FIRST, s.id`);
}
