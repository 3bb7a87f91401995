import { expect, test } from 'vitest';
import { MethodFailure } from '../api/failures.ts';
import { de } from '../words/de.ts';
import { en } from '../words/en.ts';
import { emptyDraft } from './draft.ts';
import { problemOf, questionOf, whyNot } from './use-send.ts';

const draft = { ...emptyDraft('a@b'), to: [{ name: null, email: 'a@b.test' }], subject: 'Hi' };

test('nothing is sent to nobody, to what is no address, or without a file that is still coming', () => {
  expect(problemOf({ ...draft, to: [] }, en)).toBe(en.write.noRecipient);
  expect(problemOf({ ...draft, cc: [{ name: null, email: 'nobody' }] }, en)).toContain('nobody');
  const file = { key: 'k', name: 'a', type: 'b/c', sizeBytes: 1, blobId: undefined, progress: 0.5, isFailed: false };
  expect(problemOf({ ...draft, attachments: [file] }, en)).toBe(en.write.waitForUploads);
  expect(problemOf(draft, en)).toBeUndefined();
  // It would leave without it.
  const failed = { ...file, isFailed: true };
  expect(problemOf({ ...draft, attachments: [failed] }, en)).toBe(en.write.fileFailed);
  const image = { ...failed, cid: 'c@b' };
  expect(problemOf({ ...draft, isRich: true, html: '<img src="cid:c@b">', attachments: [image] }, en)).toBe(en.write.imageFailed);
  expect(problemOf({ ...draft, isRich: true, html: 'taken out', attachments: [image] }, en)).toBeUndefined();
});

test('what people regret is asked about', () => {
  expect(questionOf({ ...draft, subject: ' ' }, en)).toBe(en.write.noSubjectQuestion);
  expect(questionOf({ ...draft, text: 'Find it attached.' }, en)).toBe(en.write.forgotAttachment);
  expect(questionOf({ ...draft, text: 'Die Rechnung im Anhang' }, de)).toBe(de.write.forgotAttachment);
  expect(questionOf({ ...draft, text: 'Yes\n> see attachment' }, en)).toBeUndefined();
  expect(questionOf({ ...draft, isRich: true, html: 'Yes<blockquote>attached</blockquote>' }, en)).toBeUndefined();
});

test('why it was not taken is said in the language of who wrote it; what is new in the words of the relay', () => {
  const refused = new MethodFailure('forbiddenFrom', 'You may write only as your own address.');
  expect(whyNot(refused, de, 'de')).toContain('nur unter Ihrer eigenen Adresse');
  expect(whyNot(refused, en, 'en')).toContain('only as your own address');
  const tooMany = new MethodFailure('forbiddenToSend', 'Too many recipients within an hour; try again later.');
  expect(whyNot(tooMany, en, 'en')).toContain('Too many recipients');
  expect(whyNot(tooMany, de, 'de')).toContain('zu viele Empfänger');
  expect(whyNot(new MethodFailure('newType', 'It rains.'), de, 'de')).toBe(de.write.failedWhy('It rains.'));
  expect(whyNot(new MethodFailure('constructor', ''), de, 'de')).toBe(de.write.failed);
});
