import type { Client } from '../client.ts';
import { replies, type Answer } from '../replies.ts';

/** RFC 1939 6. What is said after it is on disk. */
export async function quit(client: Client): Promise<Answer> {
  const { login, settings } = client;
  if (!login) return { kind: 'ok', text: 'Goodbye', next: 'end' };
  try {
    for await (const count of login.maildrop.removeDeleted(settings)) client.deleted += count;
  } catch (error) {
    settings.events.failed({ door: 'pop3', remoteAddress: client.remoteAddress, error });
    return replies.notAllRemoved;
  } finally {
    if (client.deleted > 0) settings.changed(login.maildrop.account);
  }
  return { kind: 'ok', text: 'Goodbye', next: 'end' };
}
