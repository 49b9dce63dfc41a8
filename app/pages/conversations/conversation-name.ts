/** What a conversation is called: people are recognised by the end of their number, if WhatsApp shows it. */
export function conversationName(maskedPhone: string | null): string {
  return maskedPhone ?? 'Number hidden by WhatsApp';
}
