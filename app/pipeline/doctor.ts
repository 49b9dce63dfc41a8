import type { Check, Connection, Shop } from '../../prisma/generated/client.ts';
import { judgeNumber, judgePixel, USAGE_WARNING_PERCENT } from '../domain/doctor.ts';
import { alertStep, type KnownResult } from '../domain/doctor-alert.ts';
import { judgeShop } from '../domain/doctor-shop.ts';
import { isCheckName, type CheckResult, type Finding } from '../domain/doctor-words.ts';
import { Prisma, type Transaction } from '../storage/database.ts';
import type { Job } from '../storage/jobs.ts';
import type { OpenAdmin } from './admin-access.ts';
import { clearAlert, openAlertKeys, raiseAlert } from './alerts.ts';
import type { Pipeline } from './context.ts';
import { lookAtConnection, lookAtShop } from './doctor-look.ts';

/** What the doctor found of one thing; `subject` is a connection's id, or "shop". */
export type CheckRow = Check;
export const SHOP_SUBJECT = 'shop';

type Diagnosis = { subject: string; findings: readonly Finding[] };

const SIDE_BY_SIDE = 8;
// Under the quarter of an hour after which pg-boss gives a run up; the next hour's run goes on.
const RUN_MS = 12 * 60_000;
const HOUR_MS = 60 * 60_000;
// In its hour a shop is looked at unless it just was, as when its hour had been missed.
const JUST_LOOKED_MS = 12 * HOUR_MS;
const MISSED_MS = 25 * HOUR_MS;

/**
 * Looks at a store and all its connections, stores what was found, and raises or takes back alerts. Runs side by side
 * do no harm: the one that looked last is right. `openAdmin` is null where Shopify's variables are not set.
 */
export async function runDoctor(
  pipeline: Pipeline,
  openAdmin: OpenAdmin | null,
  shop: Shop,
): Promise<CheckRow[]> {
  return (await examineShop(pipeline, openAdmin, shop)).rows;
}

/** `spent`: the shared Meta app has little left of a limit. */
async function examineShop(
  pipeline: Pipeline,
  openAdmin: OpenAdmin | null,
  shop: Shop,
): Promise<{ rows: CheckRow[]; spent: boolean }> {
  const at = pipeline.clock();
  const connections = await pipeline.db.connection.findMany({
    where: { shopId: shop.id, state: { not: 'disconnected' } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  // Meta asked to be left alone about these; what was found last stands.
  const isHeld = ({ holdUntil }: Connection): boolean => holdUntil !== null && holdUntil > at;
  const held = new Set(connections.filter(isHeld).map(({ id }) => id));
  const [ofShop, ...ofConnections] = await Promise.all([
    lookAtShop(pipeline, openAdmin, shop),
    ...connections.filter(({ id }) => !held.has(id)).map((connection) => examine(pipeline, connection, at)),
  ]);
  const diagnoses = [...ofConnections, { subject: SHOP_SUBJECT, findings: judgeShop(ofShop) }];
  const rows = await pipeline.db.$transaction((tx) => store(pipeline, tx, { shop, at, diagnoses, held }));
  return { rows, spent: ofConnections.some(({ spent }) => spent) };
}

async function examine(
  pipeline: Pipeline,
  connection: Connection,
  at: Date,
): Promise<Diagnosis & { spent: boolean }> {
  const { kind, seen, tokenAppId, limited } = await lookAtConnection(pipeline, connection);
  const { shopId, id, token, tokenExpiresAt } = connection;
  const learned = {
    ...(seen.expiry.kind === 'found' &&
      seen.expiry.value?.getTime() !== tokenExpiresAt?.getTime() && { tokenExpiresAt: seen.expiry.value }),
    ...(tokenAppId !== null && tokenAppId !== connection.tokenAppId && { tokenAppId }),
  };
  if (Object.keys(learned).length > 0) {
    // The token may have been replaced meanwhile.
    await pipeline.db.connection.updateMany({ where: { shopId, id, token }, data: learned });
  }
  const ofSharedApp =
    connection.appSecret === null &&
    [null, pipeline.metaApp.appId].includes(tokenAppId ?? connection.tokenAppId);
  const spent = ofSharedApp && (limited || (seen.usagePercent ?? 0) >= USAGE_WARNING_PERCENT);
  const findings = kind === 'whatsapp' ? judgeNumber(seen, at) : judgePixel(seen, at);
  return { subject: id, findings, spent };
}

type Found = { shop: Shop; at: Date; diagnoses: readonly Diagnosis[]; held: ReadonlySet<string> };

async function store(
  pipeline: Pipeline,
  tx: Transaction,
  { shop, at, diagnoses, held }: Found,
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
      return { shopId, subject, ...finding, known: knownOf(finding.result, last), since, checkedAt: at };
    }),
  );
  await tx.check.deleteMany({ where: { shopId, subject: { notIn: [...held] } } });
  await tx.check.createMany({ data: rows });

  const open = await openAlertKeys(tx, shopId);
  for (const { subject, findings } of diagnoses) {
    for (const finding of findings) {
      const { name, detail, fix } = finding;
      const step = alertStep(lastKnown(known.get(`${subject} ${name}`)), finding, findings);
      const isOpen = open.some((key) => key.subject === subject && key.name === name);
      if ((step === 'clear' || step === 'raise_again') && isOpen)
        await clearAlert(tx, pipeline.clock, { shopId, subject, name });
      if (step === 'raise' || step === 'raise_again')
        await raiseAlert(tx, pipeline.clock, { shopId, subject, name, detail, fix });
    }
  }
  const subjects = new Set([...held, ...diagnoses.map(({ subject }) => subject)]);
  // Of a connection that was taken off.
  for (const key of open) {
    if (isCheckName(key.name) && !subjects.has(key.subject)) await clearAlert(tx, pipeline.clock, key);
  }
  return [...before.filter(({ subject }) => held.has(subject)), ...rows];
}

/** What cannot be found out for once makes nothing better or worse. */
function knownOf(result: CheckResult, last: Check | undefined): KnownResult | null {
  return result === 'unknown' ? lastKnown(last) : result;
}

function lastKnown(last: Check | undefined): KnownResult | null {
  const known = last?.known ?? null;
  return known === 'unknown' ? null : known;
}

/**
 * The daily look at every installed shop with a connection, each in its own hour of the day, so that neither Meta's limits
 * nor a long list is met at once; one that was missed comes first in the next hour.
 */
export function doctorJob(pipeline: Pipeline, openAdmin: OpenAdmin | null, stopping?: AbortSignal): Job {
  return { name: 'doctor', cron: '41 * * * *', run: () => runDoctors(pipeline, openAdmin, stopping) };
}

/**
 * One hour's run: a few shops at a time, those first that have waited longest; one that fails holds up nobody. It ends
 * early when the shared Meta app comes near a limit of Meta's, since what is left of it is for events.
 */
export async function runDoctors(
  pipeline: Pipeline,
  openAdmin: OpenAdmin | null,
  stopping?: AbortSignal,
): Promise<void> {
  const { clock, log } = pipeline;
  const end = clock().getTime() + RUN_MS;
  let spent = false;
  const isOver = (): boolean => spent || stopping?.aborted === true || clock().getTime() >= end;
  const shops = await dueShops(pipeline);
  const next = async (): Promise<void> => {
    for (let shop = shops.shift(); shop !== undefined && !isOver(); shop = shops.shift()) {
      try {
        spent = (await examineShop(pipeline, openAdmin, shop)).spent || spent;
      } catch (error) {
        log.error({ err: error, shop: shop.domain }, 'the doctor failed for a shop');
      }
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, next));
  if (spent) log.warn({ left: shops.length }, 'the doctor stopped: a limit of Meta’s is nearly used up');
}

function dueShops({ db, clock }: Pipeline): Promise<Shop[]> {
  const now = clock();
  const ago = (ms: number): Date => new Date(now.getTime() - ms);
  return db.$queryRaw<Shop[]>(Prisma.sql`
    SELECT s.id, s.domain, s.gid, s.name, s.currency, s.country, s.timezone, s.plan, s.settings,
      s.installed_at AS "installedAt", s.uninstalled_at AS "uninstalledAt", s.last_delivery_at AS "lastDeliveryAt"
    FROM shops s
    LEFT JOIN checks k ON k.shop_id = s.id AND k.subject = ${SHOP_SUBJECT} AND k.name = 'channels_chosen'
    WHERE s.uninstalled_at IS NULL AND (COALESCE(k.checked_at, s.installed_at) < ${ago(MISSED_MS)}
        OR (COALESCE(k.checked_at, s.installed_at) < ${ago(JUST_LOOKED_MS)}
          AND (hashint4(s.id) & 2147483647) % 24 = ${now.getUTCHours()}::int))
      AND EXISTS (SELECT FROM connections c WHERE c.shop_id = s.id AND c.state <> 'disconnected')
    ORDER BY k.checked_at NULLS FIRST, s.id`);
}
