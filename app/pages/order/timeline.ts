import { formatGap } from '../format.ts';
import type { ShopClock } from '../format.ts';
import type { OrderState } from '../../domain/reason.ts';

/** How a step stands: it happened, it went wrong, it is still to come, or it will not come. */
export type Mark = 'done' | 'problem' | 'waiting' | 'skipped';
export type TimelineStep = {
  title: string;
  detail: string | null;
  mark: Mark;
  /** In the shop's time zone; null for what did not happen. */
  at: string | null;
  /** How long after the step before it; null for the first and for what did not happen. */
  gap: string | null;
};

export type EventStory = {
  attempts: number;
  /** When the first try began. */
  sentAt: Date | null;
  settledAt: Date | null;
  /** Null while the time of the next try depends on something else, such as a paused number. */
  nextTryAt: Date | null;
  /** Its time ran out, rather than that it was kept back. */
  expired: boolean;
  /** False when Tieback's own check stopped the event before anything left. */
  left: boolean;
};

export type Story = {
  state: OrderState;
  click: { at: Date; ad: string | null } | null;
  /** The contact's first message, when the order is linked to one. */
  firstMessageAt: Date | null;
  placedAt: Date;
  paidAt: Date | null;
  cancelledAt: Date | null;
  shippedAt: Date | null;
  deliveredAt: Date | null;
  returnedAt: Date | null;
  /** What a person said of the link. */
  staff: { at: Date; linked: boolean; by: string } | null;
  /** The OrderCreated event, where Meta is told of orders before they are paid. */
  created: (EventStory & { state: OrderState }) | null;
  /** The Purchase event. */
  event: EventStory | null;
};

type Moment = { title: string; detail: string | null; mark: 'done' | 'problem'; at: Date };
type Ahead = { title: string; detail: string | null; mark: 'waiting' | 'skipped' };

const ANSWER: Ahead = { title: 'Meta answers', detail: null, mark: 'waiting' };

/** From the ad click to Meta's answer: what happened in the order of time, then what is still to come. */
export function timeline(story: Story, clock: ShopClock): TimelineStep[] {
  const moments = [
    ...chatMoments(story),
    ...orderMoments(story),
    ...staffMoments(story),
    ...createdMoments(story),
    ...reportMoments(story),
  ];
  const past = moments.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const steps = past.map((moment, index): TimelineStep => {
    const before = past[index - 1];
    const gap = before === undefined ? null : formatGap(before.at, moment.at);
    return { ...moment, at: clock.time(moment.at), gap };
  });
  return [...steps, ...stepsAhead(story, clock).map((step) => ({ ...step, at: null, gap: null }))];
}

function chatMoments({ click, firstMessageAt }: Story): Moment[] {
  if (click !== null) {
    return [
      { title: 'Ad click', detail: click.ad, mark: 'done', at: click.at },
      {
        title: 'Message on WhatsApp',
        detail: 'WhatsApp tells of an ad click together with the message that it opened.',
        mark: 'done',
        at: click.at,
      },
    ];
  }
  if (firstMessageAt === null) return [];
  return [{ title: 'First message on WhatsApp', detail: null, mark: 'done', at: firstMessageAt }];
}

function orderMoments(story: Story): Moment[] {
  const told: [string, Moment['mark'], Date | null][] = [
    ['Order placed', 'done', story.placedAt],
    ['Order paid', 'done', story.paidAt],
    ['Order shipped', 'done', story.shippedAt],
    ['Order delivered', 'done', story.deliveredAt],
    ['Order cancelled', 'problem', story.cancelledAt],
    ['Something was returned', 'problem', story.returnedAt],
  ];
  return told.flatMap(([title, mark, at]) => (at === null ? [] : [{ title, detail: null, mark, at }]));
}

function staffMoments({ staff }: Story): Moment[] {
  if (staff === null) return [];
  const title = staff.linked ? 'Linked to a chat by hand' : 'A chat set aside by hand';
  return [{ title, detail: `By ${staff.by}.`, mark: 'done', at: staff.at }];
}

function createdMoments({ created }: Story): Moment[] {
  if (created === null) return [];
  const told = { title: 'Told Meta of the order', detail: 'Before it was paid.', mark: 'done' } as const;
  const sent: Moment[] = created.sentAt === null || !created.left ? [] : [{ ...told, at: created.sentAt }];
  const answer = settlement(created.state, created);
  if (answer === null || created.settledAt === null) return sent;
  return [...sent, { ...answer, detail: 'About the order before it was paid.', at: created.settledAt }];
}

function reportMoments({ state, event }: Story): Moment[] {
  if (event === null) return [];
  const { attempts, sentAt, settledAt } = event;
  const once = attempts <= 1 && state !== 'retrying' && state !== 'withheld';
  const sent: Moment[] =
    sentAt === null || !event.left
      ? []
      : [{ title: once ? 'Told Meta' : 'First try to tell Meta', detail: null, mark: 'done', at: sentAt }];
  const answer = settlement(state, event);
  if (answer === null || settledAt === null) return sent;
  const tries = attempts > 1 ? `After ${attempts} tries.` : null;
  return [...sent, { detail: tries, ...answer, at: settledAt }];
}

function settlement(state: OrderState, { left, expired }: EventStory): Pick<Moment, 'title' | 'mark'> | null {
  switch (state) {
    case 'reported':
      return { title: 'Meta confirmed it', mark: 'done' };
    case 'refused':
      return { title: left ? 'Meta refused it' : 'Stopped before it was sent', mark: 'problem' };
    case 'unknown':
      return { title: 'No clear answer from Meta', mark: 'problem' };
    case 'withheld':
      return { title: expired ? 'Time to tell Meta ran out' : 'Kept back', mark: 'problem' };
    case 'queued':
    case 'retrying':
    case 'not_attributed':
    case 'unpaid':
      return null;
  }
}

function stepsAhead({ state, event, created, cancelledAt }: Story, clock: ShopClock): Ahead[] {
  switch (state) {
    case 'unpaid':
      if (cancelledAt !== null) {
        const title = created === null ? 'Meta is not told' : 'Meta is not told of a purchase';
        return [{ title, detail: 'The order was cancelled.', mark: 'skipped' }];
      }
      return [
        { title: 'Order paid', detail: 'Not paid yet.', mark: 'waiting' },
        { title: 'Tell Meta', detail: 'Once it is paid and tied to an ad.', mark: 'waiting' },
      ];
    case 'not_attributed':
    case 'withheld':
      return event === null ? [{ title: 'Meta is not told', detail: null, mark: 'skipped' }] : [];
    case 'queued':
      return event?.sentAt
        ? [ANSWER]
        : [{ title: 'Tell Meta', detail: 'About to be sent.', mark: 'waiting' }, ANSWER];
    case 'retrying': {
      const next = event?.nextTryAt ?? null;
      const detail = next === null ? null : `Next try at ${clock.time(next)}.`;
      return [{ title: 'Tell Meta again', detail, mark: 'waiting' }, ANSWER];
    }
    case 'reported':
    case 'refused':
    case 'unknown':
      return [];
  }
}
