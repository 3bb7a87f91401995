import { expect, test } from 'vitest';
import type { Jmap } from '../api/jmap.ts';
import { emptyDraft, type Draft, type DraftAttachment } from './draft.ts';
import { learnFiles, withFoundFiles, withKnownFiles, type KnownFiles } from './draft-files.ts';

const REPORT = { name: 'report.csv', type: 'text/csv' };
const attachment = (key: string, blobId: string) => ({ ...REPORT, sizeBytes: 7, progress: 1, isFailed: false, key, blobId });
const draftOf = (attachments: readonly DraftAttachment[]): Draft => ({ ...emptyDraft('id@alice.test'), attachments });

/** A relay that has files of one name and size in what was saved. */
function relayWith(blobIds: readonly string[]): Jmap {
  const attachments = blobIds.map((blobId) => ({ ...REPORT, size: 7, cid: null, blobId }));
  return { call: async () => ({ list: [{ attachments }] }), upload: async () => 'uploaded' } as unknown as Jmap;
}

async function foundIn(blobIds: readonly string[], attachments: readonly DraftAttachment[]) {
  const found = await withFoundFiles(relayWith(blobIds), draftOf(attachments), ['saved']);
  return found.attachments.map(({ key, blobId }) => [key, blobId]);
}

test('two files of one name and size are two, when they are looked for in what was saved', async () => {
  expect(await foundIn(['one', 'two'], [attachment('a', 'gone'), attachment('b', 'gone, too')])).toEqual([
    ['a', 'one'],
    ['b', 'two'],
  ]);
});

test('of two that look alike, of which one was removed, none is taken for the other', async () => {
  expect(await foundIn(['one', 'two'], [attachment('b', 'gone')])).toEqual([['b', 'gone']]);
  expect(await foundIn(['one', 'two'], [attachment('b', 'two')])).toEqual([['b', 'two']]);
  expect(await foundIn(['one', 'two'], [{ ...attachment('b', 'gone'), file: new Blob(['of fri.']) }])).toEqual([['b', 'uploaded']]);
});

test('a file has the name under which it was saved last, whatever was removed since', async () => {
  const known: KnownFiles = new Map();
  const [a, b] = [attachment('a', 'old a'), attachment('b', 'old b')];
  await learnFiles(relayWith(['one', 'two']), { id: 'saved', draft: draftOf([a, b]), known });
  expect(withKnownFiles(draftOf([b]), known).attachments).toEqual([{ ...b, blobId: 'two' }]);
});
