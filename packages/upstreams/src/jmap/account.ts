import type { JmapClient } from '@stopgap/jmap';

/** The mail of one person on one server, as the files beside this one need it. */
export interface MailAccount {
  readonly client: JmapClient;
  readonly accountId: string;
  readonly host: string;
}

/** RFC 8620 1.2. An id of another form was never an id of this server's, and is not said to it. */
const ID = /^[A-Za-z0-9_-]{1,255}$/;

export function isJmapId(text: string): boolean {
  return ID.test(text);
}

/** So many objects in one call: a limit of the server's, and one of ours that bounds an answer. */
export function* slices<T>(items: readonly T[], most: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += most) yield items.slice(start, start + most);
}
