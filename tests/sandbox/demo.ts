import { setTimeout as delay } from 'node:timers/promises';
import { startPlayground } from './playground.ts';
import { connectMerchant, MERCHANT, raiseStage, type Stage } from './stage.ts';
import { AD_ID, openStreet, type Street } from './street.ts';

type OrderLine = {
  order_id: string;
  name: string;
  state: string;
  reason: string | null;
  evidence: { source: string; basis: string; masked: string; chosen: boolean }[];
  referral: string | null;
  value: number;
  currency: string;
};
type EventLine = { order_id: string | null; state: string; fbtrace_id: string | null };
type CoverageLine = { total: number; paid_orders: number; complete: boolean; counted_by: string };

const SHOP = ['--shop', MERCHANT.shop.domain];
const once = process.argv.includes('--once');
let step = 0;

const stage = await raise();
let failed = false;
try {
  failed = !(await play(stage, openStreet(stage)));
  if (!once && !failed) await stayUp(stage);
} catch (error) {
  failed = true;
  console.error(`\nThe story broke off: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await stage.close();
}
process.exitCode = failed ? 1 : 0;

function raise(): Promise<Stage> {
  console.log(
    'Tieback demo: a real PostgreSQL, the built app, and a pretend Shopify, WhatsApp and Meta on this machine.\n',
  );
  return raiseStage({ log: 'inherit' });
}

function tell(text: string, ...details: string[]): void {
  step += 1;
  console.log(`${String(step).padStart(2)}. ${text}`);
  for (const detail of details) console.log(`      ${detail}`);
}

/** Plays the story; true when the pretend Meta accepted exactly the events that it should have. */
async function play(stage: Stage, street: Street): Promise<boolean> {
  await connectMerchant(stage);
  tell(`${MERCHANT.shop.name} connects its WhatsApp number ${MERCHANT.displayNumber}.`);

  const ago = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);
  const tap = await street.tapAd({ waId: '553198765432', at: ago(26.2) });
  tell(
    'Yesterday Maria tapped a Click-to-WhatsApp ad and wrote to the shop.',
    `WhatsApp delivers her message with the referral: ad ${AD_ID}, click id ${tap.clid.slice(0, 8)}… → ${tap.status}`,
    'WhatsApp knows her as 55 31 9876-5432, without the ninth digit that her number has today.',
  );
  await street.write({ waId: '5521987650000' });
  tell('João writes to the shop too, but he did not come from an ad.');

  const maria = await street.placeOrder({ phone: '(31) 99876-5432', amount: '214.90', at: ago(0.2) });
  const joao = await street.placeOrder({ phone: '021 98765-0000', amount: '89.00' });
  const stranger = await street.placeOrder({ phone: '+55 11 95555-1234', amount: '45.50' });
  const cash = await street.placeOrder({ phone: '+5531998765432', amount: '120.00', paid: false });
  const test = await street.placeOrder({ phone: '31998765432', amount: '9.90', test: true });
  tell(
    'Five orders come in from the online store, where no pixel sees the chat.',
    `${maria.name} by Maria, who typed (31) 99876-5432; ${joao.name} by João; ${stranger.name} by somebody else;`,
    `${cash.name} by Maria, cash on delivery; ${test.name}, a test order.`,
  );
  await stage.meta.waitForAccepted(1, 30_000);
  await street.markPaid(cash.gid);
  tell(`The courier brings the money for ${cash.name}: Shopify says that it is paid.`);
  await stage.meta.waitForAccepted(2, 30_000);

  const orders = await settled(stage);
  tell('Every paid order is in one explained state:', ...orders.map(orderWords));
  const events = (await stage.operator('events', ...SHOP)) as EventLine[];
  tell(
    'Meta took the conversions, each exactly once:',
    ...events.map(
      (event) =>
        `Purchase for ${nameOf(orders, event.order_id)}: ${event.state}, Meta's trace id ${event.fbtrace_id ?? 'missing'}`,
    ),
  );
  const coverage = (await stage.operator('coverage', ...SHOP)) as CoverageLine;
  tell(`The states add up: ${coverage.total} of ${coverage.paid_orders} paid orders.`);
  return judge(stage, [maria.gid, cash.gid], events, coverage);
}

/** Waits until no order is under way any more. */
async function settled(stage: Stage): Promise<OrderLine[]> {
  for (let tries = 0; tries < 20; tries += 1) {
    const orders = (await stage.operator('orders', ...SHOP)) as OrderLine[];
    const open = orders.filter((order) => ['queued', 'retrying', 'unpaid'].includes(order.state));
    if (orders.length === 5 && open.length === 0) return orders.toReversed();
    await delay(250);
  }
  throw new Error('some orders did not come to rest');
}

function orderWords(order: OrderLine): string {
  const chosen = order.evidence.find((evidence) => evidence.chosen);
  const how = chosen
    ? `, linked by the phone on the ${chosen.source.replaceAll('_', ' ')} (${chosen.masked})`
    : '';
  const why = order.reason === null ? '' : `: ${order.reason.replaceAll('_', ' ')}`;
  return `${order.name}  ${order.currency} ${order.value.toFixed(2).padStart(7)}  ${order.state.replaceAll('_', ' ')}${why}${how}`;
}

function nameOf(orders: OrderLine[], gid: string | null): string {
  return orders.find((order) => order.order_id === gid)?.name ?? gid ?? 'no order';
}

function judge(stage: Stage, expected: string[], events: EventLine[], coverage: CoverageLine): boolean {
  const accepted = stage.meta
    .accepted()
    .map(({ event }) => String(event['event_id']))
    .toSorted();
  const wanted = expected.map((gid) => `shopify:order:${gid.split('/').at(-1)}:Purchase`).toSorted();
  const problems = [
    ...(JSON.stringify(accepted) === JSON.stringify(wanted)
      ? []
      : [`Meta accepted ${accepted.join(', ')}, not ${wanted.join(', ')}`]),
    ...(events.every((event) => event.state === 'accepted' && event.fbtrace_id !== null)
      ? []
      : ['an event has no receipt']),
    ...(coverage.complete ? [] : ['the states do not add up to the paid orders']),
  ];
  for (const problem of problems) console.error(`\n   WRONG: ${problem}`);
  if (problems.length === 0)
    console.log(`\nAll is well: ${accepted.length} events expected, ${accepted.length} accepted.`);
  return problems.length === 0;
}

/** Keeps the stage up until Ctrl-C. */
async function stayUp(stage: Stage): Promise<void> {
  const street = openStreet(stage, { firstOrder: 1006 });
  const adminUrl = stage.shopify.adminUrl(MERCHANT.shop.domain, '/app');
  const playground = await startPlayground({
    tapAd: ({ phone, adId, hidePhone }) =>
      street.tapAd({
        waId: hidePhone ? null : phone.replace(/\D/g, ''),
        adId,
        ...(hidePhone && { userId: 'BR.13491208655302741918' }),
      }),
    placeOrder: (order) => street.placeOrder(order),
    adminUrl,
    shopName: MERCHANT.shop.name,
    currency: MERCHANT.shop.currency,
    accepted: () => stage.meta.accepted().length,
  });
  console.log(`\nThe admin, inside the pretend Shopify:  ${adminUrl}`);
  console.log(`Tap the ad and place orders yourself:   ${playground.url}`);
  console.log('\nCtrl-C stops everything.');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await playground.close();
}
