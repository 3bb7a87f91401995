import { startProviderOf } from './full-mailboxes.ts';
import { startFilledRelay } from './filled-relay.ts';
import { ImapLine, type ImapTarget } from './imap-line.ts';
import { mailText } from './mail-text.ts';
import { processorMs } from './processor-time.ts';
import { against, rate, type Bench } from './report.ts';

const CLIENTS = 200;
/** Of one account. */
const CLIENTS_EACH = 10;
/** In INBOX and in `folder 1` of each account. */
const MESSAGES = 300;
const SIZE_BYTES = 5000;
const COMMANDS = 60;
/** In turn, so that the noise of the machine meets both; the first one is for warming up. */
const ROUNDS = 3;
const GOAL_RATIO = 0.5;
const FOLDER = '"folder 1"';

interface Server {
  readonly name: string;
  readonly targets: readonly ImapTarget[];
  readonly processorMs: () => number;
}

interface Round {
  readonly perSecond: number;
  readonly processorMs: number;
}

/** What mail programs do all day, by many of them at once, without a pause; beside Dovecot, who hears the same commands. */
export const imapMix: Bench = async (options) => {
  const clients = options.messages ?? CLIENTS;
  const users = Array.from({ length: Math.ceil(clients / CLIENTS_EACH) }, (_, index) => `user${index}`);
  const mailboxes = ['INBOX', 'folder 1'].map((name) => ({ name, messages: MESSAGES, sizeBytes: SIZE_BYTES }));
  await using provider = await startProviderOf(mailboxes, users);
  await using filled = await startFilledRelay(mailboxes, { users, profileDir: options.profileDir });
  options.say(`${users.length} accounts are filled on both sides`);
  const { lab } = provider;
  const servers: readonly Server[] = [
    { name: 'ours', targets: filled.targets, processorMs: () => processorMs([filled.relay.process.pid ?? 0]) },
    {
      name: 'Dovecot',
      targets: users.map((user) => ({ port: lab.ports.imap, user: lab.address(user), password: lab.password(user) })),
      processorMs: () => processorMs(lab.groups()),
    },
  ];
  const rounds = servers.map(() => [] as Round[]);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, server] of servers.entries()) {
      const result = await runRound(server, { clients, round });
      options.say(`${server.name}: ${rate(result.perSecond)}, processor ${result.processorMs.toFixed(0)} ms`);
      if (round > 0) rounds[index]?.push(result);
    }
  }
  const [ours = 0, dovecot = 0] = rounds.map((all) => all.reduce((sum, { perSecond }) => sum + perSecond, 0) / ROUNDS);
  const [oursMs = 0, dovecotMs = 0] = rounds.map((all) => all.reduce((sum, one) => sum + one.processorMs, 0));
  const ratio = ours / dovecot;
  return {
    line: [
      `imap-mix: ${clients} clients: ours ${rate(ours)}, Dovecot ${rate(dovecot)}`,
      against(`ratio ${ratio.toFixed(2)}`, `>= ${GOAL_RATIO}`, ratio >= GOAL_RATIO),
      `${(oursMs / dovecotMs).toFixed(2)} times its processor time`,
    ].join('; '),
    figures: { ours, dovecot, ratio, oursMs, dovecotMs },
  };
};

async function runRound(
  { targets, processorMs: used }: Server,
  { clients, round }: { readonly clients: number; readonly round: number },
): Promise<Round> {
  const all = Array.from({ length: clients }, (_, index) => targets[index % targets.length]).filter((one) => one !== undefined);
  const lines = await Promise.all(all.map((target) => ImapLine.logIn(target)));
  await Promise.all(lines.map((line) => line.command('SELECT INBOX')));
  const before = used();
  const startMs = performance.now();
  await Promise.all(lines.map((line, index) => work(line, randomFrom(round * clients + index + 1))));
  const seconds = (performance.now() - startMs) / 1000;
  const spentMs = used() - before;
  await Promise.all(lines.map((line) => line.command('NOOP')));
  for (const line of lines) line.close();
  return { perSecond: (clients * COMMANDS) / seconds, processorMs: spentMs };
}

/** The same numbers give the same commands, whoever answers. Nothing is expunged, so that all numbers stay good for everybody. */
async function work(line: ImapLine, random: () => number): Promise<void> {
  const upTo = (most: number): number => 1 + Math.floor(random() * most);
  for (let done = 0; done < COMMANDS; done += 1) {
    const one = upTo(MESSAGES);
    const range = `${one}:${Math.min(one + 49, MESSAGES)}`;
    const kind = upTo(100);
    if (kind <= 20) await line.command(`FETCH ${one} (FLAGS BODY.PEEK[])`);
    else if (kind <= 35) await line.command(`UID FETCH ${range} (FLAGS ENVELOPE INTERNALDATE RFC822.SIZE BODYSTRUCTURE)`);
    else if (kind <= 45) await line.command(`FETCH ${range} BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE REFERENCES)]`);
    else if (kind <= 55) await line.command('FETCH 1:* (UID FLAGS)');
    else if (kind <= 65) await line.command(`STORE ${one} ${random() < 0.5 ? '+' : '-'}FLAGS (\\Seen)`);
    else if (kind <= 70) await line.command(`STORE ${range} +FLAGS.SILENT (\\Flagged)`);
    else if (kind <= 78) await line.command('NOOP');
    else if (kind <= 83) await line.command(`STATUS ${FOLDER} (MESSAGES UNSEEN UIDNEXT)`);
    else if (kind <= 88) await line.command(random() < 0.5 ? 'SELECT INBOX' : `SELECT ${FOLDER}`);
    else if (kind <= 92) await line.command('UID SEARCH UNSEEN');
    else if (kind <= 94) await line.command('SEARCH FROM "ka" SINCE 2-Jan-2026');
    else if (kind <= 97) await line.append(FOLDER, letter(upTo(1_000_000)));
    else if (kind <= 99) await line.command(`COPY ${one} ${FOLDER}`);
    else await line.command('LIST "" "*"');
  }
}

function letter(number: number): Buffer {
  return Buffer.from(mailText(number, SIZE_BYTES).replaceAll('\n', '\r\n'));
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
