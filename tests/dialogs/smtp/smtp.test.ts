import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runDialog, until } from '@stopgap/testkit';
import { MailError } from '@stopgap/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainToken, RelayForDialogs, type DialogOptions, type OpenRelay, type Taken } from './relay-for-dialogs.ts';

const here = import.meta.dirname;

/** What a dialog's `#! name value` lines ask for. */
interface Setting {
  readonly door: 'submission' | 'submissions';
  readonly options: DialogOptions;
}

describe('SMTP dialogs', () => {
  let relay: RelayForDialogs;
  beforeAll(async () => {
    relay = await RelayForDialogs.start();
  });
  afterAll(async () => {
    await relay[Symbol.asyncDispose]();
  });

  test.each(readdirSync(here).filter((name) => name.endsWith('.txt')))('%s', async (name) => {
    const text = readFileSync(join(here, name), 'utf8');
    const { door, options } = settingOf(text);
    await using open = await relay.open(options);
    await runDialog(text, {
      connect: () => open.connect(door),
      startTls: (socket) => open.startTls(socket),
      variables: {
        alice: plainToken('alice@a.test'),
        bob: plainToken('bob@a.test'),
        carol: plainToken('carol@a.test'),
        'alice-with-wrong-password': Buffer.from('\0alice@a.test\0no').toString('base64'),
        'carol-with-wrong-password': Buffer.from('\0carol@a.test\0no').toString('base64'),
        'carol-with-another-password': Buffer.from('\0carol@a.test\0nope').toString('base64'),
        'alice-for-bob': Buffer.from('bob@a.test\0alice@a.test\0wonder land').toString('base64'),
        'alice-name': Buffer.from('alice@a.test').toString('base64'),
        'alice-password': Buffer.from('wonder land').toString('base64'),
        'name-with-line-end': Buffer.from('\0alice@a.test\r\nRCPT TO:<x@b.test>\0pw').toString('base64'),
      },
      check: (fact) => differenceFrom(fact, open),
    });
    // Whatever the dialog was: nothing half-received stays behind, and the doors still answer.
    await until(async () => (await open.leftovers()) === 0);
    await runDialog('S: 220 relay.test ESMTP\nC: QUIT\nS: 221 *', {
      connect: () => open.connect('submission'),
      startTls: (socket) => open.startTls(socket),
      check: () => undefined,
    });
    expect(/^= stored /m.test(text), 'each dialog says what is stored').toBe(true);
  });
});

function settingOf(text: string): Setting {
  const given = new Map([...text.matchAll(/^#! (\S+) (.+)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']));
  const number = (name: string): Record<string, number> => (given.has(name) ? { [name]: Number(given.get(name)) } : {});
  const plaintextAuth = given.get('plaintextAuth');
  return {
    door: given.get('door') === 'submissions' ? 'submissions' : 'submission',
    options: {
      ...(plaintextAuth === 'never' || plaintextAuth === 'always' ? { plaintextAuth } : {}),
      limits: { ...number('recipients'), ...number('messageBytes'), ...number('hops'), ...number('connectionsPerAddress') },
      noRoom: given.get('room') === 'none',
      providerDown: given.get('provider') === 'down',
      ...(given.get('store') === 'full' ? { storeFails: new MailError('transient', 'disk full', { code: 'store-full' }) } : {}),
      ...(given.get('store') === 'broken' ? { storeFails: new Error('a secret detail') } : {}),
    },
  };
}

/** `stored N`, `content TEXT`, `no content TEXT`, or a name of the envelope and its value. The last message counts. */
function differenceFrom(fact: string, relay: OpenRelay): string | undefined {
  const [name = '', ...words] = fact.split(' ');
  const wanted = words.join(' ');
  if (name === 'stored') return relay.taken.length === Number(wanted) ? undefined : `${relay.taken.length} stored`;
  const last = relay.taken.at(-1);
  if (!last) return 'nothing stored';
  if (name === 'content') return last.content.includes(unescaped(wanted)) ? undefined : JSON.stringify(last.content);
  if (name === 'no') return last.content.includes(unescaped(wanted.replace('content ', ''))) ? JSON.stringify(last.content) : undefined;
  const found = valueOf(name, last);
  return found === wanted ? undefined : found;
}

function valueOf(name: string, taken: Taken): string {
  const { envelope } = taken;
  const [first] = envelope.recipients;
  switch (name) {
    case 'from':
      return envelope.from;
    case 'to':
      return envelope.recipients.map((recipient) => recipient.address).join(' ');
    case 'ret':
      return envelope.ret ?? 'none';
    case 'envid':
      return envelope.envid ?? 'none';
    case 'orcpt':
      return first?.orcpt ?? 'none';
    case 'notify':
      return first?.notify?.join(',') ?? 'none';
    case 'utf8':
      return String(envelope.smtpUtf8);
    case 'eightbit':
      return String(envelope.eightBitMime);
    case 'protocol':
      return taken.protocol;
    case 'leaves':
      return taken.sendLater === undefined ? 'at once' : 'later';
    case 'account':
      return taken.account;
    case 'helo':
      return taken.helo;
    default:
      throw new Error(`no such fact: ${name}`);
  }
}

function unescaped(text: string): string {
  return text.replaceAll('\\r', '\r').replaceAll('\\n', '\n');
}
