import { expect, test } from 'vitest';
import { MethodFailure, NoAnswer } from '../api/failures.ts';
import type { Jmap } from '../api/jmap.ts';
import { emptyDraft } from '../composer/draft.ts';
import { layKeptDraft } from './lay-kept-draft.ts';
import type { KeptDraft } from './letter.ts';

const FILE = {
  key: 'f',
  name: 'plan.txt',
  type: 'text/plain',
  sizeBytes: 4,
  file: new Blob(['plan']),
  blobId: undefined,
  progress: 0,
  isFailed: false,
};
const KEPT: KeptDraft = {
  id: 'd',
  address: 'me@alice.test',
  draft: { ...emptyDraft('d'), attachments: [FILE] },
  name: '',
  atMs: 0,
  savedId: undefined,
};

/** What is kept of it after each of several tries, in each of which the relay answers so. */
async function keptAfter(answers: readonly (Error | object)[]): Promise<KeptDraft[]> {
  const seen: KeptDraft[] = [];
  let kept = KEPT;
  for (const answer of answers) {
    const jmap = {
      call: async () => (answer instanceof Error ? Promise.reject(answer) : answer),
      batch: async () => [{}, { list: [] }],
      upload: async () => 'up',
    } as unknown as Jmap;
    const laid = layKeptDraft(kept, {
      jmap,
      places: async () => ({ draftsId: 'drafts', sentId: 'sent', identity: { id: 'i', name: 'Me', email: 'me@alice.test' } }),
      note: async (next) => void (kept = next),
      textOfHtml: (html) => html,
      nowMs: () => 0,
    });
    await laid.catch(() => undefined);
    seen.push(kept);
  }
  return seen;
}

const LARGE = { notCreated: { draft: { type: 'tooLarge', description: 'At most 50 MB.' } } };

test('why a draft is not taken is kept with it, and with its files that are up', async () => {
  const [refused] = await keptAfter([LARGE]);
  expect(refused?.trouble).toEqual({ type: 'tooLarge', detail: 'At most 50 MB.' });
  expect(refused?.draft.attachments.map(({ blobId }) => blobId)).toEqual(['up']);
});

test('it is forgotten when there is no connection, or something else is said', async () => {
  const troubles = (await keptAfter([LARGE, new NoAnswer('down'), new MethodFailure('serverFail', '')])).map(
    ({ trouble }) => trouble?.type,
  );
  expect(troubles).toEqual(['tooLarge', undefined, 'serverFail']);
});
