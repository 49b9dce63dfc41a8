import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { listenOnLoopback, readBody, sendText } from './loopback-server.ts';
import { ADS, playgroundLog, playgroundPage } from './playground-page.ts';
import type { LoopbackServer } from './loopback-server.ts';
import type { LogEntry, PlaygroundView } from './playground-page.ts';

export type PlaygroundDeps = {
  /** `phone` in digits only, as WhatsApp gives it. */
  tapAd(input: {
    phone: string;
    adId: string;
    hidePhone: boolean;
  }): Promise<{ clid: string; messageId: string; status: number }>;
  /** `phone` as the customer typed it; `amount` in major units with a point, e.g. "129.90". */
  placeOrder(input: {
    phone: string;
    amount: string;
    paid: boolean;
  }): Promise<{ name: string; gid: string; status: number }>;
  adminUrl: string;
  shopName: string;
  currency: string;
  accepted(): number;
};
type View = Omit<PlaygroundView, 'accepted' | 'entries'> & { entries: LogEntry[] };

const MAX_BODY_BYTES = 16 * 1024;
const MAX_ENTRIES = 50;

const tapSchema = z.object({
  phone: z
    .string()
    .transform((text) => text.replace(/[^\d]/g, ''))
    .pipe(
      z.string().regex(/^\d{6,15}$/, 'Type a number with its country code, for example +55 11 98765-4321.'),
    ),
  adId: z.enum(
    ADS.map(({ id }) => id),
    'Choose one of the ads.',
  ),
  hidePhone: z
    .string()
    .optional()
    .transform((value) => value === 'on'),
});
const orderSchema = z.object({
  phone: z.string().trim().max(40, 'This phone number is too long.'),
  amount: z
    .string()
    .trim()
    .regex(/^\d{1,7}([.,]\d{1,2})?$/, 'Type an amount such as 129.90.')
    .transform((text) => Number(text.replace(',', '.')).toFixed(2)),
  paid: z.enum(['yes', 'no'], 'Choose to pay now or on delivery.').transform((value) => value === 'yes'),
});

/** Starts the page on which a person plays the shop's customer: taps an ad, writes, buys. */
export async function startPlayground(deps: PlaygroundDeps): Promise<LoopbackServer> {
  const { adminUrl, shopName, currency } = deps;
  const view: View = {
    ...{ adminUrl, shopName, currency, problem: null, entries: [] },
    ...{ phone: '+55 11 98765-4321', amount: '129.90', hidePhone: false, adId: ADS[0].id },
  };
  const current = (): PlaygroundView => ({ ...view, accepted: deps.accepted() });

  return listenOnLoopback(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://playground.invalid').pathname;
    switch (`${request.method} ${path}`) {
      case 'GET /':
        return sendText(response, 200, playgroundPage({ ...current(), problem: null }));
      case 'GET /log':
        return sendText(response, 200, playgroundLog(current()), { 'cache-control': 'no-store' });
      case 'POST /tap':
        return answerForm({
          form: 'ad',
          schema: tapSchema,
          act: tapAd(deps),
          view,
          current,
          request,
          response,
        });
      case 'POST /order':
        return answerForm({
          form: 'order',
          schema: orderSchema,
          act: placeOrder(deps),
          view,
          current,
          request,
          response,
        });
      default:
        return sendText(response, 404, 'There is no such page.', { 'content-type': 'text/plain' });
    }
  });
}

async function answerForm<T>(input: {
  form: 'ad' | 'order';
  schema: z.ZodType<T>;
  act: (fields: T) => Promise<LogEntry>;
  view: View;
  current: () => PlaygroundView;
  request: IncomingMessage;
  response: ServerResponse;
}): Promise<void> {
  const { form, view, request, response } = input;
  const read = await readBody(request, MAX_BODY_BYTES);
  if (read.kind === 'too_large')
    return sendText(response, 413, 'This form is too large.', { 'content-type': 'text/plain' });
  const typed = Object.fromEntries(new URLSearchParams(read.bytes.toString('utf8')));
  const shown = { ...input.current(), ...shownValues(typed, form) };
  const fields = input.schema.safeParse(typed);
  if (!fields.success) {
    const text = fields.error.issues[0]?.message ?? 'Something is missing.';
    return sendText(response, 422, playgroundPage({ ...shown, problem: { form, text } }));
  }
  Object.assign(view, shownValues(typed, form));
  view.entries.unshift(await input.act(fields.data).catch(failureEntry));
  view.entries.splice(MAX_ENTRIES);
  // So that a reload does not send the form again.
  response.writeHead(303, { location: form === 'ad' ? '/#order-title' : '/#log-title', 'content-length': 0 });
  response.end();
}

/** What the forms show next: the values that were typed. */
function shownValues(typed: Record<string, string>, form: 'ad' | 'order'): Partial<PlaygroundView> {
  const { phone = '' } = typed;
  return form === 'ad'
    ? { phone, adId: typed['adId'] ?? '', hidePhone: typed['hidePhone'] === 'on' }
    : { phone, amount: typed['amount'] ?? '' };
}

function tapAd(deps: PlaygroundDeps): (fields: z.infer<typeof tapSchema>) => Promise<LogEntry> {
  return async (fields) => {
    const { clid, messageId, status } = await deps.tapAd(fields);
    const from = fields.hidePhone ? 'a username' : `+${fields.phone}`;
    return entry(status, 'ad', `Ad tapped, first message sent from ${from}`, [
      ['Ad', fields.adId],
      ['Click id', clid],
      ['Message', messageId],
    ]);
  };
}

function placeOrder(deps: PlaygroundDeps): (fields: z.infer<typeof orderSchema>) => Promise<LogEntry> {
  return async (fields) => {
    const { name, gid, status } = await deps.placeOrder(fields);
    const what = fields.paid ? 'placed and paid' : 'placed, to be paid on delivery';
    return entry(status, 'order', `Order ${name} ${what}`, [
      ['Amount', `${fields.amount} ${deps.currency}`],
      ['Phone', fields.phone || 'none'],
      ['Order', gid],
    ]);
  };
}

function entry(status: number, kind: 'ad' | 'order', title: string, details: [string, string][]): LogEntry {
  const answered: [string, string] = ['Tieback answered', String(status)];
  return { at: new Date(), kind: status < 300 ? kind : 'problem', title, details: [...details, answered] };
}

function failureEntry(error: unknown): LogEntry {
  const why = error instanceof Error ? error.message : String(error);
  return { at: new Date(), kind: 'problem', title: 'Tieback could not be reached', details: [['Why', why]] };
}
