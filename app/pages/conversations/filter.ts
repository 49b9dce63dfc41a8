/** A place in the list: conversations are sorted by their last message, latest first, and then by id. */
export type Place = { lastMessageAt: Date; id: string };

/** What part of the list is asked for. At most one of the two is set. */
export type ConversationsFilter = {
  /** Only conversations below this place. */
  after: Place | null;
  /** Only conversations above this place. */
  before: Place | null;
};

/** Reads the filter of an address; anything that is not understood is left out. */
export function readConversationsFilter(parameters: URLSearchParams): ConversationsFilter {
  const after = readPlace(parameters.get('after'));
  return { after, before: after === null ? readPlace(parameters.get('before')) : null };
}

/** The address of a part of the list; `readConversationsFilter` reads it back. */
export function conversationsUrl(filter: ConversationsFilter): string {
  return `/app/conversations${filterQuery(filter)}`;
}

/** The address of a conversation of the list, which remembers the part of the list to go back to. */
export function conversationUrl(id: string, filter: ConversationsFilter): string {
  return `/app/conversations/${id}${filterQuery(filter)}`;
}

function filterQuery({ after, before }: ConversationsFilter): string {
  if (after !== null) return `?after=${writePlace(after)}`;
  return before === null ? '' : `?before=${writePlace(before)}`;
}

function writePlace({ lastMessageAt, id }: Place): string {
  return `${lastMessageAt.getTime()}-${id}`;
}

function readPlace(text: string | null): Place | null {
  const [, time, id] = /^(\d{1,15})-([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/.exec(text ?? '') ?? [];
  return time === undefined || id === undefined ? null : { lastMessageAt: new Date(Number(time)), id };
}
