import { expect, test } from 'vitest';
import { MethodFailure, NoAnswer } from '../api/failures.ts';
import type { Jmap } from '../api/jmap.ts';
import { emailOf, emptyDraft, type Draft } from '../composer/draft.ts';
import { layKeptDraft, removeDiscarded } from './lay-kept-draft.ts';
import { discarded, perhapsLaid, type KeptDraft } from './letter.ts';

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

const places = async () => ({ draftsId: 'drafts', sentId: 'sent', identity: { id: 'i', name: 'Me', email: 'me@alice.test' } });

/** A relay with these drafts, all of the same Message-ID. */
function relayWith(drafts: Readonly<Record<string, Draft>>) {
  const there = new Map(Object.entries(drafts));
  const body = [{ partId: 'text', type: 'text/plain' }];
  const answers: Readonly<Record<string, (args: { ids?: string[]; create?: object; destroy?: string[] }) => unknown>> = {
    'Email/query': () => ({ ids: [...there.keys()] }),
    'Email/get': ({ ids }) => ({
      list: [...there].flatMap(([id, draft]) => {
        const place = { from: { name: null, email: 'me@alice.test' }, draftsId: 'drafts', nowMs: 0, textOfHtml: String };
        const one = {
          ...emailOf(draft, place),
          id,
          textBody: body,
          htmlBody: body,
          attachments: draft.attachments.map(({ name, type, sizeBytes: size }) => ({ name, type, size })),
        };
        return ids?.includes(id) === false ? [] : [one];
      }),
    }),
    'Email/set'({ create, destroy = [] }) {
      for (const id of destroy) there.delete(id);
      return create === undefined ? {} : { created: { draft: { id: 'new' } } };
    },
  };
  const jmap = {
    call: async (name: string, args: object) => answers[name]?.(args),
    batch: async (calls: readonly { name: string; args: object }[]) => calls.map(({ name, args }) => answers[name]?.(args)),
  } as unknown as Jmap;
  return { jmap, left: () => [...there.keys()] };
}

const OURS = { ...emptyDraft('d'), subject: 'Ours' };
const DRAFTS = {
  earlier: { ...OURS, text: 'as it was' },
  latest: { ...OURS, text: 'as it is' },
  theirs: { ...OURS, text: 'newer, from elsewhere' },
};
const WRITTEN_ON = { ...KEPT, draft: DRAFTS.latest, digests: (await perhapsLaid({ ...KEPT, draft: DRAFTS.earlier })).digests };

test('of a draft that is thrown away all goes that was laid from here, and nothing that others have made of it', async () => {
  const { jmap, left } = relayWith(DRAFTS);
  await removeDiscarded(await discarded(WRITTEN_ON), { jmap, places });
  expect(left()).toEqual(['theirs']);
});

test('so it does if it was laid with a file that was not up when it was thrown away', async () => {
  const { jmap, left } = relayWith({ laid: { ...KEPT.draft, attachments: [{ ...FILE, blobId: 'up' }] }, theirs: DRAFTS.theirs });
  await removeDiscarded(await discarded(KEPT), { jmap, places });
  expect(left()).toEqual(['theirs']);
});

test('so it does when the draft is laid once more', async () => {
  const { jmap, left } = relayWith(DRAFTS);
  expect(await layKeptDraft(WRITTEN_ON, { jmap, places, note: async () => undefined, textOfHtml: String, nowMs: () => 0 })).toBe('new');
  expect(left()).toEqual(['theirs']);
});

test('where Drafts was made anew at the provider it is laid into the new one', async () => {
  const asked: unknown[] = [];
  const jmap = {
    async call(_: string, { create: { draft } }: { create: { draft: { mailboxIds: object } } }) {
      asked.push(draft.mailboxIds);
      return 'drafts' in draft.mailboxIds
        ? { created: { draft: { id: 'new' } } }
        : { notCreated: { draft: { type: 'invalidProperties' } } };
    },
    batch: async () => [{}, { list: [] }],
    upload: async (file: Blob) => `${asked.push(await file.text())}`,
  } as unknown as Jmap;
  const moved = async (isAnew = false) => ({ ...(await places()), draftsId: isAnew ? 'drafts' : 'as it was' });
  const note = async (): Promise<void> => undefined;
  expect(await layKeptDraft(KEPT, { jmap, places: moved, note, textOfHtml: String, nowMs: () => 0 })).toBe('new');
  expect(asked).toEqual(['plan', { 'as it was': true }, { drafts: true }]);
});
