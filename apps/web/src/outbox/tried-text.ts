/* What came of "try now": said once it is known, as the list moves on without a word. Both languages stand here: only who opens the Outbox needs them. */
import { isFinished, type OutboxEntry, type OutboxRecipient } from '../api/outbox.ts';
import { plainText } from '../list/address-text.ts';
import type { Language } from '../words/load-words.ts';
import { reasonText } from './reason-text.ts';
import { leavesAt } from './shown-state.ts';

const TEXTS = {
  en: {
    trying: 'It is being tried now.',
    left: 'It has left.',
    partly: (left: number, all: number) => `It has left for ${left} of ${all} recipients.`,
    unsure: 'It is not certain whether it arrived.',
    refused: 'It was not taken.',
    waits: 'It could not leave yet, and is tried again by itself.',
    closed: 'No way out is open yet. It leaves by itself as soon as one is.',
    next: (when: string) => `Next try ${when}.`,
  },
  de: {
    trying: 'Sie wird jetzt versucht.',
    left: 'Sie ist hinausgegangen.',
    partly: (left: number, all: number) => `Sie ist an ${left} von ${all} Empfängern hinausgegangen.`,
    unsure: 'Es ist nicht sicher, ob sie angekommen ist.',
    refused: 'Sie wurde nicht angenommen.',
    waits: 'Sie konnte noch nicht hinaus und wird von selbst wieder versucht.',
    closed: 'Noch ist kein Weg offen. Sie geht von selbst hinaus, sobald einer offen ist.',
    next: (when: string) => `Nächster Versuch ${when}.`,
  },
} as const;

/** Looked at so often, a second apart. */
const MOST_LOOKS = 10;

export function tryingText(language: Language): string {
  return TEXTS[language].trying;
}

/** Undefined: it is still being tried. @param before as it was when it was asked for */
export function triedText(
  { recipients, ...entry }: Pick<OutboxEntry, 'state' | 'recipients'>,
  before: Pick<OutboxEntry, 'recipients'>,
  { language, moment }: { readonly language: Language; readonly moment: (iso: string) => string },
): string | undefined {
  const isTried = triesOf(recipients) > triesOf(before.recipients) || isFinished(entry) || entry.state === 'unsure';
  if (!isTried || recipients.some(({ state }) => state === 'leased')) return undefined;
  const said = TEXTS[language];
  const left = recipients.filter(({ state }) => state === 'delivered').length;
  if (left === recipients.length) return said.left;
  if (entry.state === 'unsure') return said.unsure;
  const rest = recipients.find((one) => one.state !== 'delivered');
  const at = rest?.state === 'queued' && leavesAt(rest) === undefined ? rest.nextAttemptAt : null;
  return [
    left === 0 ? '' : said.partly(left, recipients.length),
    rest?.state === 'queued' ? said.waits : said.refused,
    rest === undefined ? '' : (reasonText(rest.reasonClass, language) ?? plainText(rest.reason ?? '')),
    at === null ? '' : said.next(moment(at)),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** Looks until there is something to say. Undefined: the list says it. */
export async function untilTried(
  look: () => Promise<OutboxEntry | undefined>,
  say: (entry: OutboxEntry) => string | undefined,
  language: Language,
): Promise<string | undefined> {
  let last: OutboxEntry | undefined;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 1000);
    });
    last = await look();
    const text = last === undefined ? undefined : say(last);
    if (text !== undefined) return text;
  }
  return last?.state === 'waiting' ? TEXTS[language].closed : undefined;
}

function triesOf(recipients: readonly OutboxRecipient[]): number {
  return recipients.reduce((sum, { tries }) => sum + tries, 0);
}
