import { expect, test } from 'vitest';
import { alertsJob } from '../../app/pipeline/alert-mail.ts';
import { dismissAlert, openAlerts } from '../../app/pipeline/alerts.ts';
import { accountUpdate, phoneNumberQualityUpdate, type AccountEvent } from '../sandbox/whatsapp-account.ts';
import { receive } from './conversations.ts';
import { openTieback, START, type Tieback } from './tieback.ts';

const HOUR_MS = 3_600_000;

type Event = AccountEvent extends infer E
  ? E extends AccountEvent
    ? Omit<E, 'wabaId' | 'at'>
    : never
  : never;

function update({ wabaId }: { wabaId: string }, event: Event, at = START) {
  return accountUpdate({ wabaId, at, ...event } as AccountEvent);
}

/** The alerts that stand, as their connection and name. */
async function alerts({ pipeline }: Tieback): Promise<string[]> {
  const rows = await pipeline.db.alert.findMany({ where: { clearedAt: null } });
  return rows.map(({ subject, name }) => `${subject} ${name}`).toSorted();
}

test.each<[string, Event]>([
  ['account_violation', { event: 'ACCOUNT_VIOLATION' }],
  ['account_restricted', { event: 'ACCOUNT_RESTRICTION' }],
])('%s: a new notice is told anew, also after the one before was put away', async (name, event) => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const { db } = tieback.pipeline;
  await receive(tieback, update(connection, event));
  const [first] = await openAlerts(db, connection.shopId);
  await dismissAlert(tieback.pipeline, connection.shopId, first?.id ?? '');
  // The same word, repeated by Meta, is none.
  await receive(tieback, update(connection, event));
  expect(await openAlerts(db, connection.shopId)).toEqual([]);
  tieback.now.forward(HOUR_MS);
  await receive(tieback, update(connection, event, tieback.now.at));
  expect(await openAlerts(db, connection.shopId)).toMatchObject([{ name, raisedAt: tieback.now.at }]);
  expect(await db.alert.count({ where: { clearedAt: null } })).toBe(1);
});

test('a restriction is over when the last of it ends, and one that ended before is not told', async () => {
  const tieback = await openTieback();
  const connection = await tieback.connect();
  const until = (hours: number) => new Date(START.getTime() + hours * HOUR_MS);
  const restrict = (...hours: number[]): Event => ({
    event: 'ACCOUNT_RESTRICTION',
    restrictions: hours.map((one) => ({ type: 'RESTRICTED_ADD_PHONE_NUMBER_ACTION', until: until(one) })),
  });
  await receive(tieback, update(connection, restrict(5, 9)));
  const run = async (hours: number): Promise<string[]> => {
    tieback.now.at = until(hours);
    await alertsJob(tieback.pipeline).run();
    return alerts(tieback);
  };
  expect(await run(8)).toHaveLength(1);
  expect(await run(9)).toEqual([]);
  await receive(tieback, update(connection, restrict(7)));
  expect(await alerts(tieback)).toEqual([]);
});

test('of a number’s quality the latest word stands', async () => {
  const tieback = await openTieback();
  const { wabaId, shopId } = await tieback.connect();
  const say = (event: 'FLAGGED' | 'DOWNGRADE') =>
    phoneNumberQualityUpdate({ wabaId, displayNumber: '+55 11 91234-5678', at: START, event });
  await receive(tieback, say('FLAGGED'), say('DOWNGRADE'));
  expect(await openAlerts(tieback.pipeline.db, shopId)).toMatchObject([
    { name: 'number_quality', detail: expect.stringContaining('TIER_1K') as string },
  ]);
});
