import { residentMegabytes } from './cpu.ts';
import { postOrders } from './load.ts';
import { openWorld, until } from './world.ts';

const PER_SECOND = 100;

/** Memory of web and worker, minute by minute, under a steady load. */
export async function soak({ minutes }: { minutes: number }) {
  const world = await openWorld({ shops: 50, clickersPerShop: 100, workers: 1 });
  try {
    const memory: { minute: number; webMb: number; workerMb: number }[] = [];
    let answers: Record<string, number> = {};
    for (let minute = 1; minute <= minutes; minute += 1) {
      const load = await postOrders(world, {
        perSecond: PER_SECOND,
        seconds: 60,
        matchingShare: 0.6,
        firstId: 5_000_000_000_000 + minute * 1_000_000,
      });
      for (const [answer, count] of Object.entries(load.answers)) {
        answers = { ...answers, [answer]: (answers[answer] ?? 0) + count };
      }
      memory.push({
        minute,
        webMb: residentMegabytes(world.pids.web),
        workerMb: residentMegabytes(world.pids.workers[0] ?? world.pids.web),
      });
    }
    await until(async () => (await world.due()).events === 0, 60_000);
    const meta = await world.metaReport();
    return {
      perSecond: PER_SECOND,
      minutes,
      answers,
      memory,
      acceptedAtMeta: meta.accepted,
      distinctAtMeta: meta.distinct,
    };
  } finally {
    await world.close();
  }
}
