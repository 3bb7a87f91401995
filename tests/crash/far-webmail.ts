/*
 * A webmail as the far side: it has a witness, the Sent mailbox, so nothing may ever come twice. Not here: a webmail whose own mail server takes
 * the message and is gone before it says so. It keeps no copy in Sent then, nobody can know, and the message waits as unsure for a person.
 */
import { startFakeRoundcube } from '@stopgap/testkit';
import type { Arrival, FarSide } from './far-side.ts';
import { readLetter } from './letters.ts';
import { between, type Random } from './random.ts';

const CHANGE_MS = 120;
/** Actions of the way out whose answer gets lost, done or not. */
const ACTIONS = ['import', 'bounce', 'list', 'search', 'move', 'viewsource', 'mark'] as const;

/** Fewer than a letter has: each leaves in two attempts. */
const MOST_RECIPIENTS = 2;

export interface FarWebmail extends FarSide {
  /** Message-IDs of what stands in a mailbox, one for each copy. */
  messageIdsIn(mailbox: string): string[];
}

export async function startFarWebmail(options: {
  readonly random: Random;
  readonly user: string;
  readonly password: string;
}): Promise<FarWebmail> {
  const { random, user, password } = options;
  const arrivals: Arrival[] = [];
  let answerAfterMs = 0;
  const webmail = await startFakeRoundcube({
    accounts: [{ address: user, password }],
    async onSend({ to, raw }) {
      // Roundcube's storage drops the last line end, and SMTP brings it back.
      arrivals.push({ ...readLetter(Buffer.concat([raw, Buffer.from('\r\n')])), to, wasAnswered: true });
      if (answerAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, answerAfterMs));
    },
  });
  webmail.switches.maxRecipients = MOST_RECIPIENTS;
  let share = 0;
  const timer = setInterval(() => {
    const { switches } = webmail;
    const isBad = random() < share;
    const kind = between(random, 0, 4);
    switches.smtpDown = isBad && kind === 0;
    switches.imapDown = isBad && kind === 1;
    if (isBad && kind === 2) webmail.expireSessions();
    if (isBad && kind > 2) webmail.loseAnswer(ACTIONS[between(random, 0, ACTIONS.length - 1)] ?? 'list', { processed: kind === 3 });
  }, CHANGE_MS);
  const path = { kind: 'roundcube', url: webmail.url, connections: 4 };
  return {
    paths: { incoming: [path], outgoing: [path] },
    messageIdsIn: (mailbox) => webmail.mailbox(user, mailbox)?.messages.map(({ raw }) => readLetter(raw).messageId) ?? [],
    mayRepeat: false,
    arrivals,
    misbehave: (to) => (share = to),
    answerAfterMs: (ms) => (answerAfterMs = ms),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await webmail.close();
    },
  };
}
