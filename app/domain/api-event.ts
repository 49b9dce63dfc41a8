import { z } from 'zod';
import { EVENT_NAMES, type EventName } from './event-name.ts';
import { type FieldProblem } from './api-problem.ts';
import type { CustomData, DraftEvent } from './conversion-event.ts';
import type { Money } from './order.ts';
import { ORDER_STATES, REASONS, type OrderState } from './reason.ts';
import type { Settings } from './settings.ts';

/** What an event's state may be; the other states are those of orders alone. */
export const API_STATES = ORDER_STATES.filter(isEventState);
export type ApiState = Exclude<OrderState, 'not_attributed' | 'unpaid'>;

function isEventState(state: OrderState): state is ApiState {
  return state !== 'not_attributed' && state !== 'unpaid';
}

const must = (expected: string) => ({
  error: ({ input }: { input?: unknown }) =>
    input === undefined ? `is missing; it must be ${expected}` : `must be ${expected}`,
});
const text = (most: number) => {
  const wanted = { ...must(`a text of 1 to ${most} characters in one line`), abort: true };
  // Not as a pattern: whoever reads the document's patterns without the flag "u" would read this one otherwise.
  return z
    .string(wanted)
    .min(1, wanted)
    .max(most, wanted)
    .refine((given) => !/\p{C}/u.test(given), wanted);
};

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const MOST = 999_999_999_999;
const AMOUNT = must('an amount of at most 12 digits before the point, as "129.90" or 129.9');
const amount = z
  .union(
    [z.string().regex(/^\d{1,12}(\.\d{1,20})?$/, AMOUNT), z.number().min(0, AMOUNT).max(MOST, AMOUNT)],
    AMOUNT,
  )
  .describe(
    'In major units. A text is taken exactly and may have no more decimals than the currency has; a number is rounded to them.',
  );
const CURRENCY = must('a currency of ISO 4217, such as BRL');
const TIME = must(
  'a time with its offset from UTC, such as 2026-11-20T14:05:00-03:00 or 2026-11-20T17:05:00Z',
);
const QUANTITY = must('a whole number from 1 to 1,000,000');

const conversation = z
  .union(
    [
      z.strictObject({
        phone: text(40).describe(
          'The person’s number, best with + and country code. It is used to find the conversation and kept nowhere.',
        ),
      }),
      z.strictObject({
        contact_id: text(64).describe('Tieback’s id of the conversation: the end of its page’s address.'),
      }),
      z.strictObject({
        user_id: text(256).describe('WhatsApp’s business-scoped user id, for people who hide their number.'),
      }),
    ],
    must('an object with exactly one of phone, contact_id and user_id'),
  )
  .describe('Whose conversation it is about: exactly one of the three.');

const contents = z
  .array(
    z.strictObject(
      {
        id: text(100).describe('As in the catalogue that Meta has of the shop.'),
        quantity: z.int(QUANTITY).min(1, QUANTITY).max(1_000_000, QUANTITY),
        item_price: amount.optional(),
      },
      must('an object with id and quantity'),
    ),
    must('a list of 1 to 100 items'),
  )
  .min(1, must('a list of 1 to 100 items'))
  .max(100, must('a list of 1 to 100 items'));

/** What a program sends to report an event. */
export const reportSchema = z.strictObject(
  {
    event_name: z
      .enum(EVENT_NAMES, must(`one of ${EVENT_NAMES.join(', ')}`))
      .describe('What happened. Each is told to Meta only while the shop’s settings switch it on.'),
    conversation,
    occurred_at: z.iso
      .datetime({ offset: true, ...TIME })
      .describe('When it happened (RFC 3339). Meta takes nothing older than 7 days.'),
    value: z
      .strictObject(
        {
          amount,
          currency: z
            .string(CURRENCY)
            .regex(/^[A-Z]{3}$/, CURRENCY)
            .describe('ISO 4217, in capitals.'),
        },
        must('an object with amount and currency'),
      )
      .optional()
      .describe('What it is worth. Purchase and OrderCreated must have one above zero.'),
    reference: text(64)
      .optional()
      .describe('Its number in your program; Meta gets it as order_id. Nothing personal.'),
    contents: contents
      .optional()
      .describe('What was sold or looked at. Prices are in the currency of value.'),
  },
  must('an object'),
);

/** What is told of an event that was reported. */
export const eventSchema = z.strictObject({
  id: z.uuid().describe('By this it is asked for later.'),
  event_id: z.string().describe('What Meta gets as event_id.'),
  event_name: z.enum(EVENT_NAMES),
  occurred_at: z.iso.datetime().describe('As Meta is told, in whole seconds.'),
  state: z
    .enum(API_STATES as [ApiState, ...ApiState[]])
    .describe(
      'queued and retrying go on by themselves; reported: Meta confirmed it; withheld: Meta is not told; unknown: nobody knows whether Meta has it.',
    ),
  reason: z
    .enum(REASONS as [string, ...string[]])
    .nullable()
    .describe('Why it is in that state, for programs.'),
  explanation: z.string().describe('The same for people.'),
  fix: z.string().nullable().describe('What can be done about it.'),
  fbtrace_id: z.string().nullable().describe('Meta’s own id of its answer, for questions to Meta.'),
});
export type ApiEvent = z.infer<typeof eventSchema>;

/** An event as a program reports it. */
export type ReportedEvent = {
  eventName: EventName;
  conversation: { kind: 'phone' | 'contact_id' | 'user_id'; value: string };
  at: Date;
  value: Money | null;
  reference: string | null;
  contents: { id: string; quantity: number; itemPrice: string | null }[];
};

/** Meta refuses a Purchase without a value, and an OrderCreated without a currency. */
const SALES: ReadonlySet<EventName> = new Set<EventName>(['Purchase', 'OrderCreated']);
/** How far a program's clock may be ahead. */
const AHEAD_MS = 5 * 60_000;
const MOST_PROBLEMS = 20;

/** Reads what a program sent, or says what is wrong with which field. */
export function readReport(
  body: unknown,
  now: Date,
): { kind: 'event'; event: ReportedEvent } | { kind: 'problems'; problems: FieldProblem[] } {
  const read = reportSchema.safeParse(body);
  if (!read.success) {
    const problems = read.error.issues.flatMap((issue) => words(issue, []));
    return { kind: 'problems', problems: problems.slice(0, MOST_PROBLEMS) };
  }
  const { event, problems } = toEvent(read.data, now);
  return problems.length === 0
    ? { kind: 'event', event }
    : { kind: 'problems', problems: problems.slice(0, MOST_PROBLEMS) };
}

function toEvent(
  { event_name: eventName, ...report }: z.infer<typeof reportSchema>,
  now: Date,
): { event: ReportedEvent; problems: FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const problem = (path: string, message: string) => problems.push({ path, message });
  const at = new Date(report.occurred_at);
  if (at.getTime() > now.getTime() + AHEAD_MS)
    problem('occurred_at', `is in the future; it is ${now.toISOString()} now`);

  const currency = report.value?.currency ?? null;
  if (currency !== null && !CURRENCIES.has(currency)) problem('value.currency', 'is no currency of ISO 4217');
  const money = (path: string, given: string | number, of: string | null): string => {
    const { fractionDigits, exact } = inDigits(given, of);
    if (exact === null) problem(path, `has more decimals than ${of}, which has ${fractionDigits}`);
    return exact ?? '0';
  };
  const value = report.value && {
    ...report.value,
    amount: money('value.amount', report.value.amount, currency),
  };
  const isSale = SALES.has(eventName);
  if (isSale && value === undefined) problem('value', `is missing; ${eventName} must have one`);
  if (isSale && value !== undefined && Number(value.amount) === 0 && problems.length === 0)
    problem('value.amount', `must be above zero for ${eventName}`);

  const items = (report.contents ?? []).map(({ id, quantity, item_price: price }, index) => {
    const path = `contents[${index}].item_price`;
    if (price !== undefined && currency === null) problem(path, 'needs a value, whose currency it is in');
    return { id, quantity, itemPrice: price === undefined ? null : money(path, price, currency) };
  });
  const event = {
    eventName,
    conversation: whose(report.conversation),
    at,
    value: value ?? null,
    reference: report.reference ?? null,
    contents: items,
  };
  return { event, problems };
}

function whose(given: z.infer<typeof conversation>): ReportedEvent['conversation'] {
  if ('phone' in given) return { kind: 'phone', value: given.phone };
  return 'contact_id' in given
    ? { kind: 'contact_id', value: given.contact_id }
    : { kind: 'user_id', value: given.user_id };
}

/** An amount with exactly the decimals of its currency: numbers are rounded, a text that has more is null. */
function inDigits(
  given: string | number,
  currency: string | null,
): { fractionDigits: number; exact: string | null } {
  const fractionDigits = currency === null ? 2 : digitsOf(currency);
  if (typeof given === 'number') return { fractionDigits, exact: given.toFixed(fractionDigits) };
  const [whole = '0', decimals = ''] = given.split('.');
  const kept = decimals.replace(/0+$/, '');
  if (kept.length > fractionDigits) return { fractionDigits, exact: null };
  const units = whole.replace(/^0+(?=\d)/, '');
  return {
    fractionDigits,
    exact: fractionDigits === 0 ? units : `${units}.${kept.padEnd(fractionDigits, '0')}`,
  };
}

function digitsOf(currency: string): number {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
}

/** What the event says to Meta but for the click; `contentIds` is what the catalogue's ids are of. */
export function draftOfReport(
  { value, reference, contents: items }: ReportedEvent,
  { contentIds }: Pick<Settings, 'contentIds'>,
): DraftEvent {
  const order: CustomData = {
    ...(value && { currency: value.currency, value: Number(value.amount) }),
    ...(reference !== null && { order_id: reference }),
    ...(items.length > 0 && {
      content_type: contentIds === 'product' ? 'product_group' : 'product',
      content_ids: items.map(({ id }) => id),
      contents: items.map(({ id, quantity, itemPrice }) => ({
        id,
        quantity,
        ...(itemPrice !== null && { item_price: Number(itemPrice) }),
      })),
    }),
  };
  return { customer: {}, ...(Object.keys(order).length > 0 && { order }) };
}

type Issue = z.core.$ZodIssue;

function words(issue: Issue, within: readonly PropertyKey[]): FieldProblem[] {
  const path = [...within, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: pathOf([...path, key.slice(0, 64)]),
      message: 'is no field that this takes',
    }));
  if (issue.code === 'invalid_union') {
    // The one form that was meant can say more than all of them together.
    const meant = issue.errors.filter(
      (errors) => errors.some((one) => one.path.length > 0) && !errors.some(isStrange),
    );
    const [only] = meant.length === 1 ? meant : [];
    if (only !== undefined) return only.flatMap((one) => words(one, path));
  }
  return [{ path: pathOf(path), message: issue.message }];
}

function isStrange({ code }: Issue): boolean {
  return code === 'unrecognized_keys';
}

/** As a program would write it: `contents[0].id`. */
function pathOf(path: readonly PropertyKey[]): string {
  const written = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return written.replace(/^\./, '') || 'body';
}
