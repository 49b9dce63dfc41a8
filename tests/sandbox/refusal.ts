/** Why Meta refuses events: code 100 always; the subcode where one is known for the reason. */
export type Refusal = { subcode: number | null; message: string };

export function coded(subcode: number): Refusal {
  return { subcode, message: 'Invalid parameter' };
}

export function plain(message: string): Refusal {
  return { subcode: null, message: `(#100) ${message}` };
}

/** Whether a parameter says anything: Meta takes null and the empty text as not given. */
export function present(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

const DAY_SECONDS = 24 * 60 * 60;

/** Unix seconds, GMT; milliseconds land in the future (developers.facebook.com/docs/marketing-api/conversions-api/using-the-api). */
export function judgeTime(time: unknown, nowSeconds: number, maxAgeDays: number): Refusal | null {
  if (typeof time !== 'number' || !Number.isInteger(time))
    return plain('param event_time must be an integer.');
  if (time < nowSeconds - maxAgeDays * DAY_SECONDS) return coded(2804003);
  return time > nowSeconds ? coded(2804004) : null;
}
