import { startPretendMeta } from '../sandbox/pretend-meta.ts';

/** The pretend Meta in a process of its own, so that it takes no time from the app's; it is led over IPC. */
export type MetaOrder =
  | {
      kind: 'add_businesses';
      businesses: { wabaId: string; phoneNumberId: string; datasetId: string; token: string }[];
    }
  | { kind: 'add_clicks'; clicks: { ctwaClid: string; wabaId: string }[] }
  /** The next answers come in two parts, so many milliseconds apart. */
  | { kind: 'slow'; ms: number; times: number }
  | { kind: 'report' };

export type MetaReport = { accepted: number; distinct: number; requests: number };

const meta = await startPretendMeta({ keepRequests: false });

process.on('message', (order: MetaOrder) => {
  switch (order.kind) {
    case 'add_businesses':
      for (const { wabaId, phoneNumberId, datasetId, token } of order.businesses) {
        const phoneNumbers = [
          { id: phoneNumberId, displayNumber: '+55 11 91234-5678', verifiedName: 'Bench' },
        ];
        meta.addBusiness({ wabaId, phoneNumbers, token, datasetId });
      }
      break;
    case 'add_clicks':
      for (const click of order.clicks) meta.addClick(click);
      break;
    case 'slow':
      meta.faultNext({ kind: 'slow_body', ms: order.ms }, order.times);
      break;
    case 'report': {
      const accepted = meta.accepted();
      const distinct = new Set(accepted.map(({ event }) => event['event_id'])).size;
      const requests = new Set(accepted.map(({ fbtraceId }) => fbtraceId)).size;
      process.send?.({ accepted: accepted.length, distinct, requests } satisfies MetaReport);
      return;
    }
  }
  process.send?.({ done: order.kind });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url: meta.url });
