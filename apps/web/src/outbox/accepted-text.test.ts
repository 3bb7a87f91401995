import { expect, test } from 'vitest';
import type { PathState } from '../api/outbox.ts';
import { acceptedText } from './accepted-text.ts';

const out = (kind: string, state: PathState['state']): PathState => ({
  direction: 'outgoing',
  kind,
  state,
  since: null,
  reason: null,
  reasonClass: null,
});
const incoming: PathState = { ...out('imap', 'up'), direction: 'incoming' };

test.each<[string, PathState[], string, string]>([
  ['the mail server works', [out('smtp', 'up'), out('roundcube', 'up')], 'It leaves in a moment.', 'Sie geht gleich hinaus.'],
  ['it works partly', [out('smtp', 'impaired'), out('roundcube', 'up')], 'It leaves in a moment.', 'Sie geht gleich hinaus.'],
  ['only the webmail works', [out('smtp', 'down'), out('roundcube', 'up')], 'through your provider’s webmail', 'über das Webmail'],
  ['nothing works', [out('smtp', 'down'), out('roundcube', 'down'), incoming], 'it waits here safely', 'Sie wartet hier sicher'],
  ['a substitute is for what has waited', [out('smtp', 'down'), out('smarthost', 'up')], 'it waits here safely', 'Sie wartet hier sicher'],
  ['it is not known yet', [out('smtp', 'unknown'), out('roundcube', 'up')], 'as soon as a path is open', 'sobald ein Weg offen ist'],
  ['the relay does not tell', [incoming], 'as soon as a path is open', 'sobald ein Weg offen ist'],
])('%s', (_, paths, english, german) => {
  expect(acceptedText(paths, 'en')).toContain(english);
  expect(acceptedText(paths, 'de')).toContain(german);
});
