import type { GraphAnswer } from './graph-error.ts';

type Waiter = { count: number; resolve: () => void; reject: (error: Error) => void; timer: NodeJS.Timeout };
export type WaitingRoom = {
  note(answer: GraphAnswer): void;
  waitFor(count: number, timeoutMs: number): Promise<void>;
  close(): void;
};

/** Lets a test wait for a number of accepted events; a wait that fails tells what Meta refused last. */
export function waitingRoom(acceptedCount: () => number): WaitingRoom {
  const waiters = new Set<Waiter>();
  let lastRefusal: GraphAnswer | null = null;

  function leave(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    waiters.delete(waiter);
  }

  return {
    note(answer) {
      if (answer.status !== 200) lastRefusal = answer;
      for (const waiter of waiters) {
        if (acceptedCount() < waiter.count) continue;
        leave(waiter);
        waiter.resolve();
      }
    },
    async waitFor(count, timeoutMs) {
      if (acceptedCount() >= count) return;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          waiters.delete(waiter);
          const last = lastRefusal
            ? ` Last refusal: ${lastRefusal.status} ${JSON.stringify(lastRefusal.body)}`
            : '';
          const message = `Meta accepted ${acceptedCount()} of ${count} events within ${timeoutMs} ms.${last}`;
          reject(new Error(message));
        }, timeoutMs);
        const waiter: Waiter = { count, resolve, reject, timer };
        waiters.add(waiter);
      });
    },
    close() {
      for (const waiter of waiters) {
        leave(waiter);
        waiter.reject(
          new Error(`The pretend Meta closed; it had accepted ${acceptedCount()} of ${waiter.count} events.`),
        );
      }
    },
  };
}
