import type { Client } from '../client.ts';
import { logIn } from '../log-in.ts';
import { replies, type Answer } from '../replies.ts';

/** RFC 1939 7. Whoever is named is told the same. */
export function user(argument: string, client: Client): Answer {
  if (!client.mayLogIn) return replies.tlsFirst;
  if (argument === '') return replies.usage('USER and your mail address');
  client.username = argument;
  return replies.ok('Now the password');
}

/** RFC 1939 7. All that follows the first space is the password, spaces among it. */
export async function pass(argument: string, client: Client): Promise<Answer> {
  if (!client.mayLogIn) return replies.tlsFirst;
  const { username } = client;
  if (username === undefined) return replies.userFirst;
  client.username = undefined;
  return await logIn({ address: username, password: argument }, client);
}
