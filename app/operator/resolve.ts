import { resolveEvent, type Resolution, type ResolveOutcome } from '../pipeline/resolve.ts';
import { readFlagsAndRest, UsageError, type Command } from './command.ts';

export const resolve: Command = {
  usage: 'resolve EVENT_ID --as accepted|resend',
  purpose: 'settles an event whose outcome is unknown, by its id in the ledger or its event_id',
  prepare(args) {
    const flags = readFlagsAndRest(args, ['as']);
    const as = readResolution(flags.as);
    const [event, more] = flags.rest;
    if (event === undefined) throw new UsageError('missing EVENT_ID');
    if (more !== undefined) throw new UsageError(`unexpected "${more}"`);
    return async (pipeline) => {
      const outcome = await resolveEvent(pipeline, event, as);
      if (outcome.kind !== 'resolved') throw new Error(problem(outcome, event));
      const { id, eventId, state } = outcome.event;
      const text =
        state === 'accepted'
          ? `${eventId} counts as accepted`
          : `${eventId} is sent again, with the same event_id`;
      return { json: { id, event_id: eventId, state }, text };
    };
  },
};

function readResolution(given: string): Resolution {
  if (given === 'accepted' || given === 'resend') return given;
  throw new UsageError(`--as must be accepted or resend, not ${given}`);
}

function problem(outcome: Exclude<ResolveOutcome, { kind: 'resolved' }>, event: string): string {
  switch (outcome.kind) {
    case 'not_found':
      return `no event ${event}`;
    case 'ambiguous':
      return `several shops have an event ${event}; give one of the ids ${outcome.ids.join(', ')}`;
    case 'not_unknown':
      return `the event is ${outcome.state}, and only one whose outcome is unknown can be resolved`;
    case 'cannot_resend':
      return outcome.why === 'past_deadline'
        ? 'its deadline has passed, and Meta would refuse it'
        : 'its customer was erased, and nothing is left to send';
  }
}
