import { expect, test } from 'vitest';
import { MethodFailure, NoAnswer } from '../api/failures.ts';
import type { Jmap } from '../api/jmap.ts';
import type { NewEmail } from '../api/methods.ts';
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

/** A relay that knows a file by the draft that holds it, as long as that is there. @param cut whether the answer to a request gets lost */
function relayWithFiles(cut: (name: string, args: { readonly destroy?: unknown }) => boolean) {
  const there = new Map<string, NewEmail>();
  const filesOf = (id: string) =>
    (there.get(id)?.attachments ?? []).map(({ name, type }, at) => ({ name, type, size: 4, cid: null, blobId: `${id}.${at}` }));
  const answerTo = (
    name: string,
    { ids, create, destroy = [] }: { ids?: string[]; create?: { draft: NewEmail }; destroy?: string[] },
  ): unknown => {
    if (name === 'Email/query') return { ids: [...there.keys()] };
    if (name === 'Email/get')
      return {
        list: [...there].flatMap(([id, email]) => {
          const body = [{ partId: 'text', type: 'text/plain' }];
          const one = { ...email, id, textBody: body, htmlBody: body, attachments: filesOf(id) };
          return ids?.includes(id) === false ? [] : [one];
        }),
      };
    for (const id of destroy) there.delete(id);
    if (create === undefined) return {};
    const known = [...there.keys()].flatMap(filesOf).map(({ blobId }) => blobId);
    if (create.draft.attachments?.some(({ blobId }) => !known.includes(blobId)) === true)
      return { notCreated: { draft: { type: 'blobNotFound' } } };
    const id = `e${there.size}${Math.random()}`;
    there.set(id, create.draft);
    return { created: { draft: { id } } };
  };
  const asked = async (name: string, args: object): Promise<unknown> => {
    const answer = answerTo(name, args);
    if (cut(name, args)) throw new NoAnswer('lost');
    return answer;
  };
  const jmap = {
    call: asked,
    batch: (calls: readonly { name: string; args: object }[]) => Promise.all(calls.map(({ name, args }) => asked(name, args))),
  } as unknown as Jmap;
  return { jmap, there };
}

test('a file that is in what was laid alone, as the answer to what took the place of the one before was lost, stays in it', async () => {
  const lost = { isToBe: true };
  const { jmap, there } = relayWithFiles((_, { destroy }) => destroy !== undefined && lost.isToBe);
  const draft = { ...OURS, attachments: [{ ...FILE, file: undefined as never, blobId: 'before.0' }] };
  const place = { from: { name: null, email: 'me@alice.test' }, draftsId: 'drafts', nowMs: 0, textOfHtml: String };
  there.set('before', emailOf(draft, place));
  const options = { jmap, places, note: async () => undefined, textOfHtml: String, nowMs: () => 0 };
  const kept: KeptDraft = { ...KEPT, draft, savedId: 'before' };
  await expect(layKeptDraft(kept, options)).rejects.toThrow(NoAnswer);
  lost.isToBe = false;
  expect([[...there.keys()].length, there.has('before')]).toEqual([1, false]);
  const id = await layKeptDraft(kept, options);
  expect([[...there.keys()], there.get(id)?.attachments?.length]).toEqual([[id], 1]);
});

test('a file that is in what another program has made of it is not taken from there', async () => {
  const { jmap, there } = relayWithFiles(() => false);
  const draft = { ...OURS, attachments: [{ ...FILE, file: undefined as never, blobId: 'before.0' }] };
  const place = { from: { name: null, email: 'me@alice.test' }, draftsId: 'drafts', nowMs: 0, textOfHtml: String };
  there.set('theirs', { ...emailOf(draft, place), subject: 'Theirs' });
  const options = { jmap, places, note: async () => undefined, textOfHtml: String, nowMs: () => 0 };
  await expect(layKeptDraft({ ...KEPT, draft, savedId: 'before' }, options)).rejects.toThrow('blobNotFound');
  expect([...there.keys()]).toEqual(['theirs']);
});
