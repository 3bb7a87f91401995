import type { Command } from '../client.ts';
import { ok, no } from '../replies.ts';
import type { SpecialUse } from '../session.ts';
import { SyntaxFault } from '../wire/faults.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';
import type { Scanner } from '../wire/scanner.ts';

const USES: readonly SpecialUse[] = ['All', 'Archive', 'Drafts', 'Flagged', 'Junk', 'Sent', 'Trash'];

/** RFC 9051 6.3.4, with USE (RFC 6154 3). */
export const create: Command = {
  state: 'authenticated',
  async run(args, client) {
    const { name, uses } = readCreate(args, client.enabled.isUtf8);
    const [use, ...more] = uses;
    if (more.length > 0 || use === 'unknown') return no('A mailbox can have one of the known uses', 'USEATTR');
    const made = await client.session?.create(name, use);
    // RFC 8474 4.1.
    return made ? ok('Created', `MAILBOXID (${made.mailboxId})`) : ok('Created');
  },
};

function readCreate(args: Scanner, isUtf8: boolean): { readonly name: string; readonly uses: readonly (SpecialUse | 'unknown')[] } {
  args.space();
  // RFC 9051 6.3.4: a separator at the end says that mailboxes are to come below it.
  const name = readMailboxName(args.astring(), isUtf8).replace(/\/$/, '');
  const uses: (SpecialUse | 'unknown')[] = [];
  if (args.accept(' ')) {
    args.list(() => {
      if (args.word() !== 'USE') throw new SyntaxFault('No such parameter');
      args.space();
      uses.push(...args.list(() => useOf(args.flag())));
    });
  }
  args.end();
  return { name, uses };
}

function useOf(flag: string): SpecialUse | 'unknown' {
  return USES.find((use) => flag.toLowerCase() === `\\${use.toLowerCase()}`) ?? 'unknown';
}
