/** Stands beside every event that is shown. */
export const MASKED_NOTE =
  'Customer data, click ID and browser are shortened or hidden here; they are sent whole.';
