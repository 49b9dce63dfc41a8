/** https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, rollback, resources, locks, shutdown, system. */
const PASSING_STATES = /^(08|40|53|55|57|58)/;
/** https://www.prisma.io/docs/orm/reference/error-reference: not reachable, timed out, closed, pool, transaction, conflict. */
const PASSING_CODES: ReadonlySet<string> = new Set([
  ...['P1001', 'P1002', 'P1008', 'P1017', 'P1018'],
  ...['P2024', 'P2028', 'P2034', 'P2037'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT'],
]);
const PASSING_KINDS: ReadonlySet<string> = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TransactionWriteConflict',
  'TransactionAlreadyClosed',
]);

/**
 * Whether the database may well do the same thing when it is asked again: a deadlock, a lock that took too long, a
 * connection that was lost. Everything else, such as data that it refuses, fails every time.
 */
export function isPassing(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, originalCode, kind, message, meta, cause } = error as Record<string, unknown>;
  return (
    (typeof code === 'string' && PASSING_CODES.has(code)) ||
    (typeof originalCode === 'string' && PASSING_STATES.test(originalCode)) ||
    (typeof kind === 'string' && PASSING_KINDS.has(kind)) ||
    // The driver gives the end of a connection no code of its own.
    (typeof message === 'string' && message.startsWith('Connection terminated')) ||
    isPassing((meta as Record<string, unknown> | undefined)?.['driverAdapterError']) ||
    isPassing(cause)
  );
}
