import { setTimeout as delay } from 'node:timers/promises';
import type { ShopId } from '../domain/ids.ts';
import type { Pipeline } from '../pipeline/context.ts';
import { reconsiderBatch } from '../pipeline/reconsider.ts';
import type { RerunDifference, RerunSide } from '../pipeline/rerun-difference.ts';
import {
  applyRerun,
  findRerun,
  rerunBatch,
  startRerun,
  type ApplyOutcome,
  type Rerun,
} from '../pipeline/rerun.ts';
import { readFlags, requireShop, shopDomain, table, UsageError, type Command } from './command.ts';

type Run = { shopId: ShopId; id: string };

// A worker may hold the run, or the orders that are marked.
const LOOK_MS = 50;

/** Decides a period again: shows the difference, and changes nothing unless asked to. */
export const reattribute: Command = {
  usage: 'reattribute --shop DOMAIN --since DATE [--until DATE] [--apply]',
  purpose:
    'compares the orders placed in a period with what would be decided now; --apply decides them again',
  prepare(args) {
    const apply = args.includes('--apply');
    const flags = readFlags(
      args.filter((arg) => arg !== '--apply'),
      ['shop', 'since'],
      ['until'],
    );
    const domain = shopDomain(flags.shop);
    const since = readDate('since', flags.since);
    const until = flags.until === null ? null : readDate('until', flags.until);
    if (until !== null && until <= since) throw new UsageError('--until must be after --since');
    return async (pipeline) => {
      const shop = await requireShop(pipeline, domain);
      const shopId = shop.id as ShopId;
      const period = { since, until: until ?? pipeline.clock() };
      const run = { shopId, id: await startRerun(pipeline, { shop: shopId, ...period, by: 'operator' }) };
      let rerun = await finish(pipeline, run);
      if (apply && rerun.state === 'compared') {
        const outcome = await applyRerun(pipeline, run);
        if (outcome.kind !== 'applying') throw new Error(problem(outcome));
        rerun = await finish(pipeline, run);
      }
      return { json: asJson(rerun), text: words(rerun), failed: rerun.state === 'failed' };
    };
  },
};

async function finish(pipeline: Pipeline, run: Run): Promise<Rerun> {
  for (;;) {
    const worked = (await rerunBatch(pipeline, run.id)) + (await reconsiderBatch(pipeline));
    const rerun = await findRerun(pipeline, run.shopId, run.id);
    if (rerun === null) throw new Error('the run is gone: the shop was erased');
    if (rerun.state !== 'comparing' && rerun.state !== 'applying') return rerun;
    if (worked === 0) await delay(LOOK_MS);
  }
}

function readDate(name: string, given: string): Date {
  const date = new Date(given);
  if (Number.isNaN(date.getTime()))
    throw new UsageError(`--${name} must be a date like 2026-11-20, not ${given}`);
  return date;
}

function problem(outcome: Exclude<ApplyOutcome, { kind: 'applying' }>): string {
  switch (outcome.kind) {
    case 'settings_changed':
      return `not applied: ${outcome.settings.join(', ')} changed meanwhile; compare again`;
    case 'not_compared':
      return `not applied: the run is ${outcome.state}`;
    case 'not_found':
      return 'not applied: the run is gone';
  }
}

function asJson({ id, state, since, until, lookedAt, difference }: Rerun) {
  const { willReport, ...rest } = difference;
  const examples = difference.examples.map(({ gid, name, before, after }) => ({
    order_id: gid,
    name,
    before: sideAsJson(before),
    after: sideAsJson(after),
  }));
  return {
    id,
    state,
    since: since.toISOString(),
    until: until.toISOString(),
    looked_at: lookedAt,
    ...rest,
    will_report: willReport,
    examples,
  };
}

function sideAsJson({ decision, reason, adId, contactMask }: RerunSide) {
  return { decision, reason, ad: adId, contact: contactMask };
}

function words({ state, lookedAt, difference }: Rerun): string {
  const { changed, gained, lost, moved, willReport } = difference;
  const decidedOnly = changed - gained - lost - moved;
  const lines = [
    `${lookedAt} orders looked at, ${changed} change: ${gained} gain an ad, ${lost} lose it, ${moved} move to another, ${decidedOnly} are decided otherwise`,
    ...revenueWords(difference),
    `${willReport} ${state === 'applied' ? 'are now' : 'would be'} reported to Meta; nothing that Meta has is sent again`,
    ...(changed > 0 ? [table(difference.examples.map(exampleLine), '')] : []),
    state === 'applied'
      ? 'applied'
      : state === 'failed'
        ? 'failed: see the log'
        : 'nothing was changed; --apply does it',
  ];
  return lines.join('\n');
}

function revenueWords({ revenue }: RerunDifference): string[] {
  return Object.entries(revenue).map(([currency, { gained, lost }]) => `${currency} +${gained} -${lost}`);
}

function exampleLine({ gid, name, before, after }: RerunDifference['examples'][number]) {
  return { order: gid, name, before: sideInWords(before), after: sideInWords(after) };
}

function sideInWords({ decision, reason, adId, contactMask }: RerunSide): string {
  return [decision, reason, adId && `ad ${adId}`, contactMask]
    .filter((word) => word !== null && word !== '')
    .join(' ');
}
