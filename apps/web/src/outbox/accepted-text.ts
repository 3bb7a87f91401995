/* What becomes of a message that the relay has taken, as far as this window knows the ways to the provider. Both languages stand here: only who writes needs them. */
import type { PathState } from '../api/outbox.ts';
import type { Language } from '../words/load-words.ts';

type Outlook = 'leaves' | 'byWebmail' | 'waits' | 'unknown';

const TEXTS: Readonly<Record<Language, Readonly<Record<Outlook, string>>>> = {
  en: {
    leaves: 'Message accepted. It leaves in a moment.',
    byWebmail: 'Message accepted. It leaves in a moment, through your provider’s webmail.',
    waits: 'Message accepted. No way to your provider is open now: it waits here safely, and leaves by itself.',
    unknown: 'Message accepted. It leaves as soon as a path is open.',
  },
  de: {
    leaves: 'E-Mail angenommen. Sie geht gleich hinaus.',
    byWebmail: 'E-Mail angenommen. Sie geht gleich hinaus, über das Webmail Ihres Anbieters.',
    waits: 'E-Mail angenommen. Zu Ihrem Anbieter ist gerade kein Weg offen: Sie wartet hier sicher und geht von selbst hinaus.',
    unknown: 'E-Mail angenommen. Sie geht hinaus, sobald ein Weg offen ist.',
  },
};

/** @param paths in the order in which they are used; none: not known */
export function acceptedText(paths: readonly PathState[], language: Language): string {
  return TEXTS[language][outlookOf(paths)];
}

function outlookOf(paths: readonly PathState[]): Outlook {
  // A smarthost takes only what has waited for some time.
  const ways = paths.filter(({ direction, kind }) => direction === 'outgoing' && kind !== 'smarthost');
  if (ways.length === 0) return 'unknown';
  const way = ways.find(({ state }) => state !== 'down');
  if (way === undefined) return 'waits';
  if (way.state === 'unknown') return 'unknown';
  return way.kind === 'roundcube' ? 'byWebmail' : 'leaves';
}
