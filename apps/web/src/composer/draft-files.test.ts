import { expect, test } from 'vitest';
import type { Jmap } from '../api/jmap.ts';
import { emptyDraft } from './draft.ts';
import { withFoundFiles } from './draft-files.ts';

test('two files of one name and size are two, when they are looked for in what was saved', async () => {
  const about = { name: 'report.csv', type: 'text/csv' };
  const part = { ...about, size: 7, cid: null };
  const jmap = {
    call: async () => ({
      list: [
        {
          attachments: [
            { ...part, blobId: 'one' },
            { ...part, blobId: 'two' },
          ],
        },
      ],
    }),
  } as unknown as Jmap;
  const file = { ...about, sizeBytes: 7, progress: 1, isFailed: false };
  const draft = {
    ...emptyDraft('id@alice.test'),
    attachments: [
      { ...file, key: 'a', blobId: 'gone' },
      { ...file, key: 'b', blobId: 'gone, too' },
    ],
  };
  const { attachments } = await withFoundFiles(jmap, draft, 'saved');
  expect(attachments.map(({ key, blobId }) => [key, blobId])).toEqual([
    ['a', 'one'],
    ['b', 'two'],
  ]);
});
