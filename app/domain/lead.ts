import type { Settings } from './settings.ts';

/**
 * When the person behind an ad click became a qualified lead by the shop's rules: with so many messages since the click,
 * its own included, or by writing again after the business had answered. Null while they have not. `counted`: their
 * messages since the click that came before `messages`.
 */
export function qualifiedAt(input: {
  clickedAt: Date;
  counted: number;
  messages: readonly Date[];
  answers: readonly Date[];
  settings: Pick<Settings, 'qualifiedLeadMessages' | 'qualifiedLeadReply'>;
}): Date | null {
  const { clickedAt, counted, settings } = input;
  const messages = input.messages.toSorted((a, b) => a.getTime() - b.getTime());
  const wanted = settings.qualifiedLeadMessages;
  const byNumber = wanted > 0 ? messages[Math.max(wanted - counted, 1) - 1] : undefined;
  const answered = input.answers.filter((answer) => answer >= clickedAt);
  const byReply = settings.qualifiedLeadReply
    ? messages.find((message) => answered.some((answer) => answer < message))
    : undefined;
  if (byNumber === undefined || byReply === undefined) return byNumber ?? byReply ?? null;
  return byNumber < byReply ? byNumber : byReply;
}
