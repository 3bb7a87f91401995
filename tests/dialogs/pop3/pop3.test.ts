import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runDialog } from '@stopgap/testkit';
import { describe, expect, test } from 'vitest';
import { DoorForDialogs, plainToken, type DoorOptions } from './door-for-dialogs.ts';

const here = import.meta.dirname;

describe('POP3 dialogs', () => {
  test.each(readdirSync(here).filter((name) => name.endsWith('.txt')))('%s', async (name) => {
    const text = readFileSync(join(here, name), 'utf8');
    const { door, options } = settingOf(text);
    await using open = await DoorForDialogs.open(options);
    const talk = (dialog: string, by: 'pop3' | 'pop3s'): Promise<void> =>
      runDialog(dialog, {
        connect: () => open.connect(by),
        startTls: (socket) => open.startTls(socket),
        variables: {
          alice: plainToken('alice@a.test'),
          carol: plainToken('carol@a.test'),
          'alice-with-wrong-password': plainToken('alice@a.test', 'no'),
          'alice-for-bob': Buffer.from('bob@a.test\0alice@a.test\0wonder land').toString('base64'),
        },
        check: (fact) => differenceFrom(fact, open),
      });
    await talk(text, door);
    // Whatever the dialog was: the door still answers, and nobody holds the mailbox.
    await talk('S: +OK relay.test ready\nC: USER bob@a.test\nS: +OK *\nC: PASS builder\nS: +OK *\nC: QUIT\nS: +OK *\nS!', 'pop3s');
    expect(/^= inbox /m.test(text), 'each dialog says what is left').toBe(true);
  });
});

/** What a dialog's `#! name value` lines ask for. */
function settingOf(text: string): { readonly door: 'pop3' | 'pop3s'; readonly options: DoorOptions } {
  const given = new Map([...text.matchAll(/^#! (\S+) (.+)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']));
  const plaintextAuth = given.get('plaintextAuth');
  return {
    door: given.get('door') === 'pop3s' ? 'pop3s' : 'pop3',
    options: {
      ...(plaintextAuth === 'never' || plaintextAuth === 'always' ? { plaintextAuth } : {}),
      ...(given.get('deletion') === 'expunge' ? { deletion: 'expunge' } : {}),
      providerDown: given.get('provider') === 'down',
      removalFails: given.get('removal') === 'fails',
    },
  };
}

/** `inbox N`, `trash N`, `told KINDS` (what upstream is to hear), of Alice. */
function differenceFrom(fact: string, open: DoorForDialogs): string | undefined {
  const [name = '', ...words] = fact.split(' ');
  const wanted = words.join(' ');
  const facts: Readonly<Record<string, () => string>> = {
    inbox: () => String(open.countIn('alice@a.test', 'INBOX')),
    trash: () => String(open.countIn('alice@a.test', 'Trash')),
    told: () => open.intentsOf('alice@a.test').join(' '),
    notified: () => open.notified.join(' '),
  };
  const found = facts[name]?.();
  if (found === undefined) return `there is no fact ${name}`;
  return found === wanted ? undefined : found;
}
