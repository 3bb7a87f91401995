/* What a mail program may do with one mailbox, drawn at random: for tests in which several do so at once. */
import type { StrictImapClient } from './strict-imap-client.ts';

const FLAGS = ['\\Seen', '\\Flagged', '\\Deleted', 'work', '\\Answered'];
/** From here on the mailbox is emptied rather than filled. */
const FULL = 60;
/** What is gone can be asked for by its number until the client has been told. */
const EXPECTED = /^(?:OK|NO \[EXPUNGEISSUED\])/;

export interface ImapWorkplace {
  /** Selected by all of the clients. */
  readonly mailbox: string;
  /** Where messages are moved to. */
  readonly other: string;
  /** A message comes in from outside. */
  readonly deliver: () => Promise<void>;
}

export interface ImapWork {
  readonly steps: number;
  readonly random: (below: number) => number;
}

/** Selects it and reads its flags; some of the clients do so with QRESYNC, some with IMAP4rev2, some with both. */
export async function selectInSomeWay(client: StrictImapClient, mailbox: string, index: number): Promise<void> {
  if (index % 2 === 1) await client.run('ENABLE QRESYNC');
  if (index % 3 === 1) await client.run('ENABLE IMAP4rev2');
  await client.select(`SELECT ${mailbox}`);
  await client.run('UID FETCH 1:* FLAGS');
}

/** Every client works on its own; what an answer should not have been is among its violations. */
export async function workAtRandom(client: StrictImapClient, place: ImapWorkplace, { steps, random }: ImapWork): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    for (const answer of await act(client, place, random)) if (!EXPECTED.test(answer)) client.violations.push(answer);
  }
}

/** Its tagged answers. */
async function act(client: StrictImapClient, { mailbox, other, deliver }: ImapWorkplace, random: ImapWork['random']): Promise<string[]> {
  const number = 1 + random(Math.max(1, client.count));
  const set = client.count === 0 ? '*' : `${number}:${Math.min(client.count, number + random(3))}`;
  const uid = client.uidOf(number) ?? 1;
  const flag = FLAGS[random(FLAGS.length)] ?? '';
  const all = (): Promise<string> => client.run('UID FETCH 1:* FLAGS');
  const remove = async (): Promise<string[]> => [await client.run(`STORE ${set} +FLAGS (\\Deleted)`), await client.run('EXPUNGE')];
  const choice = random(18);
  if (client.count > FULL && choice < 4) return await remove();
  switch (choice) {
    case 0:
    case 1:
    case 2:
      return [await client.append(mailbox, `Subject: new\r\n\r\n${random(1000)}\r\n`), await all()];
    case 3:
      return [await client.run(`COPY ${set} ${mailbox}`)];
    case 4:
      return await remove();
    case 5:
      return [await client.run(`MOVE ${set} ${other}`)];
    case 6:
      return [await client.run(`UID MOVE ${uid},1:2 ${other}`)];
    case 7:
      return [await client.run(`STORE ${set} +FLAGS (${flag})`)];
    case 8:
      return [await client.run(`STORE ${set} -FLAGS (${flag})`)];
    case 9:
      return [await client.run(`UID STORE ${uid} FLAGS (${flag} \\Draft)`)];
    case 10:
      return [await client.run(`UID STORE ${uid} +FLAGS (\\Deleted)`), await client.run(`UID EXPUNGE ${uid}`)];
    case 11:
      return [await client.run(`FETCH ${set} (FLAGS UID BODY.PEEK[])`)];
    case 12:
      return [await client.run(`UID FETCH ${uid} (FLAGS BODY[TEXT])`)];
    case 13:
      return [await client.run(`SEARCH ${set} UNSEEN`)];
    case 14:
      return await client.runTogether([`FETCH ${set} (UID FLAGS)`, `STORE ${set} +FLAGS (${flag})`, 'NOOP']);
    case 15:
      return [await client.idle(deliver)];
    case 16:
      return [await client.select(`SELECT ${mailbox}`), await all()];
    default:
      return [await all()];
  }
}
