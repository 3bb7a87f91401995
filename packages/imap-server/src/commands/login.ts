import type { Command } from '../client.ts';
import { logIn } from '../log-in.ts';
import { replies } from '../replies.ts';
import { SyntaxFault } from '../wire/faults.ts';
import { utf8Of, type Scanner } from '../wire/scanner.ts';

/** RFC 9051 6.2.3. */
export const login: Command = {
  state: 'stranger',
  async run(args, client) {
    const credential = readLogin(args);
    // RFC 9051 11.1: what was sent in clear is not even looked at.
    if (!client.mayLogIn) return replies.tlsFirst;
    return await logIn(client, credential);
  },
};

function readLogin(args: Scanner): { readonly name: string; readonly password: string } {
  args.space();
  const name = utf8Of(args.astring());
  args.space();
  const password = utf8Of(args.astring());
  args.end();
  if (name === undefined || password === undefined) throw new SyntaxFault('Name and password are UTF-8');
  return { name, password };
}
