import { expect, test } from 'vitest';
import { HttpFailure, MethodFailure, NoAnswer } from '../api/failures.ts';
import { de } from '../words/de.ts';
import { en } from '../words/en.ts';
import { failureText } from './failure-text.ts';

test.each([
  ['no connection', new NoAnswer('cut'), 'No connection. Please try again.', 'Keine Verbindung. Bitte versuchen Sie es noch einmal.'],
  ['an error of ours', new TypeError('x is undefined'), 'That did not work.', 'Das hat nicht geklappt.'],
  [
    'what has no room',
    new MethodFailure('overQuota', 'There is no room on the disk.'),
    'That did not work: There is no room on the disk.',
    'Das hat nicht geklappt: Es ist kein Platz mehr dafür.',
  ],
  [
    'what is gone, without a word',
    new MethodFailure('notFound', ''),
    'That did not work.',
    'Das hat nicht geklappt: Es ist nicht mehr da.',
  ],
  [
    'a relay in trouble',
    new HttpFailure(500, 'Internal error'),
    'That did not work: Internal error',
    'Das hat nicht geklappt: Das Relay kommt im Moment nicht weiter. Versuchen Sie es gleich noch einmal.',
  ],
  [
    'what nobody knows here',
    new MethodFailure('newInTheStandard', 'Too blue.'),
    'That did not work: Too blue.',
    'Das hat nicht geklappt: Too blue.',
  ],
  ['a name that every object has', new MethodFailure('constructor', 'Odd.'), 'That did not work: Odd.', 'Das hat nicht geklappt: Odd.'],
])('%s is said in the language of the person', (_, error, english, german) => {
  expect([failureText(error, en), failureText(error, de)]).toEqual([english, german]);
});
