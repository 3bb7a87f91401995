import { describe, expect, test } from 'vitest';
import { NoAnswer, MethodFailure } from '../api/failures.ts';
import type { Jmap } from '../api/jmap.ts';
import type { NewEmail } from '../api/methods.ts';
import { emailOf, emptyDraft } from '../composer/draft.ts';
import { digestOf } from '../composer/draft-digest.ts';
import { deliverLetter, LostTrack } from './deliver-letter.ts';
import { newLetter, type Letter } from './letter.ts';

const ADDRESS = 'me@alice.test';
const PLACES = { draftsId: 'drafts', sentId: 'sent', identity: { id: 'i', name: 'Me', email: ADDRESS } };
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

interface Email {
  readonly messageId: string;
  readonly files: readonly string[];
  /** What it says; undefined: the same as the letter. */
  readonly said?: NewEmail;
  isDraft: boolean;
  mailboxId?: string | undefined;
}

/**
 * As much of a relay as a letter meets. `cut` is asked at every request: does it get lost on its way there, or its answer on the way back? Or is it late: nobody
 * waits for it any more, and it is carried out when `arrive` says so.
 */
function relay(cut: (request: number) => 'there' | 'back' | 'late' | undefined, { filesSent = true } = {}) {
  const late: (() => unknown)[] = [];
  const emails = new Map<string, Email>();
  const submissions = new Map<string, string>();
  const calledBack = new Set<string>();
  const blobs = new Set<string>();
  let requests = 0;
  let ids = 0;
  const newId = (): string => `e${(ids += 1)}`;
  const methods: Record<string, (args: never) => unknown> = {
    'Email/get': ({ ids: wanted }: { ids?: string[] }) => ({
      list: [...emails]
        .filter(([id]) => wanted === undefined || wanted.includes(id))
        .map(([id, one]) => ({
          id,
          ...read(one.said ?? laidOf(letter())),
          messageId: [one.messageId],
          keywords: one.isDraft ? { $draft: true } : {},
        })),
    }),
    'Email/query': () => ({ ids: [...emails.keys()] }),
    'Email/set': ({
      create,
      update,
      destroy,
    }: {
      create?: { draft: NewEmail };
      update?: Record<string, Record<string, unknown>>;
      destroy?: string[];
    }) => {
      for (const [id, patch] of Object.entries(update ?? {})) {
        const [mailboxId] = Object.keys(patch['mailboxIds'] ?? {});
        if (mailboxId !== undefined && mailboxId !== 'sent') return { notUpdated: { [id]: { type: 'invalidProperties' } } };
        Object.assign(emails.get(id) ?? {}, { isDraft: patch['keywords/$draft'] === true, mailboxId });
      }
      for (const id of destroy ?? []) emails.delete(id);
      if (create === undefined) return {};
      const { messageId, mailboxIds, attachments = [] } = create.draft;
      if (!Object.hasOwn(mailboxIds, 'drafts')) return { notCreated: { draft: { type: 'invalidProperties', properties: ['mailboxIds'] } } };
      if (attachments.some(({ blobId }) => !blobs.has(blobId))) return { notCreated: { draft: { type: 'blobNotFound' } } };
      const id = newId();
      emails.set(id, { messageId: messageId[0] ?? '', files: attachments.map(({ blobId }) => blobId), said: create.draft, isDraft: true });
      return { created: { draft: { id } } };
    },
    'EmailSubmission/set': ({ create: { sent } }: { create: { sent: { key: string; emailId: string } } }) => {
      const known = submissions.get(sent.key);
      const email = emails.get(known ?? sent.emailId);
      if (known === undefined && email === undefined) return { notCreated: { sent: { type: 'invalidProperties' } } };
      submissions.set(sent.key, known ?? sent.emailId);
      if (email !== undefined && filesSent && !calledBack.has(sent.key)) email.isDraft = false;
      const created = { sent: { id: `s ${sent.key}`, undoStatus: calledBack.has(sent.key) ? 'canceled' : 'pending' } };
      return { created, ...(filesSent ? {} : { byTheWay: { notUpdated: { [sent.emailId]: { type: 'invalidProperties' } } } }) };
    },
  };
  const over = async <Answer>(answer: () => Answer): Promise<Answer> => {
    const where = cut((requests += 1));
    if (where === 'late') late.push(answer);
    if (where === 'there' || where === 'late') throw new NoAnswer(where);
    const answered = answer();
    if (where === 'back') throw new NoAnswer('back');
    return answered;
  };
  const call = (name: string, args: unknown): Promise<unknown> => over(() => methods[name]?.(args as never));
  const jmap = {
    accountId: 'a',
    address: ADDRESS,
    resource: { capabilities: { 'urn:stopgap:outbox': {} }, accounts: {} },
    call,
    batch: (calls: readonly { name: string; args: unknown }[]) => over(() => calls.map(({ name, args }) => methods[name]?.(args as never))),
    upload: () =>
      over(() => {
        const id = `u${newId()}`;
        blobs.add(id);
        return id;
      }),
  } as unknown as Jmap;
  const arrive = (): void => {
    for (const answer of late.splice(0)) answer();
  };
  return { jmap, emails, submissions, calledBack, blobs, requests: () => requests, arrive };
}

/** As it is laid. */
function laidOf({ draft }: Letter, some: Partial<NewEmail> = {}): NewEmail {
  const up = { ...draft, attachments: draft.attachments.map((one) => ({ ...one, blobId: 'up' })) };
  const place = { from: { name: null, email: ADDRESS }, draftsId: 'drafts', nowMs: 0, textOfHtml: (html: string) => html };
  return { ...emailOf(up, place), ...some };
}

/** As it is told again. */
function read({ to, cc, bcc, subject, attachments = [], bodyValues }: NewEmail) {
  const body = [{ partId: 'text', type: 'text/plain' }];
  const files = attachments.map((one) => ({ ...one, size: FILE.sizeBytes }));
  return { to, cc, bcc, subject, textBody: body, htmlBody: body, attachments: files, bodyValues };
}

function letter(some: Partial<Letter> = {}): Letter {
  const draft = { ...emptyDraft('old@alice.test'), to: [{ name: null, email: 'bob@far.test' }], subject: 'Once', attachments: [FILE] };
  return { ...newLetter({ id: 'key', address: ADDRESS, draft, name: '', nowMs: 0, savedId: undefined }), ...some };
}

/** A browser that may be closed at a note: what it had noted by then is what the next one takes up. */
function browser(first: Letter, closesAt = Infinity) {
  let kept = first;
  let notes = 0;
  return {
    kept: () => kept,
    notes: () => notes,
    note: async (next: Letter) => {
      if ((notes += 1) === closesAt) throw new Error('closed');
      kept = next;
    },
  };
}

const base = { places: async () => PLACES, textOfHtml: (html: string) => html, nowMs: () => 0, isWatched: false };

/** Until it is done, each time as a browser that knows only what was noted. */
async function untilDelivered(first: Letter, { jmap }: { jmap: Jmap }, closesAt?: number): Promise<void> {
  let one = browser(first, closesAt);
  for (let round = 0; round < 10; round += 1) {
    try {
      await deliverLetter(one.kept(), { ...base, jmap, note: one.note });
      return;
    } catch {
      one = browser(one.kept());
    }
  }
  throw new Error('never delivered');
}

function expectOnce({ emails, submissions }: ReturnType<typeof relay>): void {
  expect(submissions.size).toBe(1);
  expect([...emails.values()].map(({ isDraft, files }) => [isDraft, files.length])).toEqual([[false, 1]]);
}

describe('a letter is in the outbox once, and no draft of it is left', () => {
  const whole = relay(() => undefined);
  test('when nothing goes wrong', async () => {
    whole.emails.set('saved', { messageId: 'old@alice.test', files: [], isDraft: true });
    await untilDelivered(letter({ savedId: 'saved' }), whole);
    expectOnce(whole);
    expect(whole.requests()).toBe(5);
  });

  test.each([1, 2, 3, 4, 5].flatMap((request) => (['there', 'back'] as const).map((where) => [request, where] as const)))(
    'when request %i is lost on its way %s',
    async (request, where) => {
      const one = relay((number) => (number === request ? where : undefined));
      one.emails.set('saved', { messageId: 'old@alice.test', files: [], isDraft: true });
      await untilDelivered(letter({ savedId: 'saved' }), one);
      expectOnce(one);
    },
  );

  test.each([1, 2, 3, 4, 5])('when the browser is closed at note %i', async (closesAt) => {
    const one = relay(() => undefined);
    one.emails.set('saved', { messageId: 'old@alice.test', files: [], isDraft: true });
    await untilDelivered(letter({ savedId: 'saved' }), one, closesAt);
    expectOnce(one);
  });

  test('when the answer to the last save of its draft was lost', async () => {
    const one = relay(() => undefined);
    one.emails.set('saved', { messageId: 'old@alice.test', files: [], isDraft: true });
    one.emails.set('not heard of', { messageId: 'old@alice.test', files: [], isDraft: true });
    await untilDelivered(letter({ savedId: 'saved', laidAs: ['old@alice.test'] }), one);
    expectOnce(one);
  });

  test.each([4, 5, 6].flatMap((arrives) => [undefined, 5, 6].map((lost) => [arrives, lost] as const)))(
    'when what was laid first comes there as late as request %i, and the answer to request %s is lost',
    async (arrives, lost) => {
      const one = relay((number) => {
        if (number === arrives) one.arrive();
        if (number === 2) return 'late';
        return number === lost ? 'back' : undefined;
      });
      await untilDelivered(letter(), one);
      expectOnce(one);
    },
  );

  test.each([4, 5, 6])('when what was laid first comes there after the browser was closed at note %i', async (closesAt) => {
    const one = relay((number) => {
      if (one.emails.size > 0) one.arrive();
      return number === 2 ? 'late' : undefined;
    });
    const first = browser(letter());
    await expect(deliverLetter(first.kept(), { ...base, jmap: one.jmap, note: first.note })).rejects.toThrow(NoAnswer);
    await untilDelivered(first.kept(), one, closesAt - first.notes());
    expectOnce(one);
  });

  test('when the relay can not file it as sent', async () => {
    const one = relay(() => undefined, { filesSent: false });
    await untilDelivered(letter(), one);
    expectOnce(one);
  });

  test('when it is taken up whole although it has left: nobody had noted that', async () => {
    const one = relay(() => undefined);
    const first = browser(letter());
    await deliverLetter(first.kept(), { ...base, jmap: one.jmap, note: first.note });
    await deliverLetter(first.kept(), { ...base, jmap: one.jmap, note: first.note });
    expectOnce(one);
  });
});

test('a relay that fell over before it had filed the message takes the same key as the same letter', async () => {
  const one = relay(() => undefined);
  const first = browser(letter());
  await deliverLetter(first.kept(), { ...base, jmap: one.jmap, note: first.note });
  for (const email of one.emails.values()) email.isDraft = true;
  await deliverLetter(first.kept(), { ...base, jmap: one.jmap, note: first.note });
  expectOnce(one);
});

test('a relay that remembers its key no longer is not given the message again', async () => {
  const one = relay(() => undefined);
  const first = browser(letter());
  await deliverLetter(first.kept(), { ...base, jmap: one.jmap, note: first.note });
  one.submissions.clear();
  await deliverLetter(first.kept(), { ...base, jmap: one.jmap, note: first.note });
  expect(one.submissions.size).toBe(0);
});

test('what was laid of it and is there no more was changed, sent or thrown away elsewhere: a person decides, and may send it all the same', async () => {
  const one = relay(() => undefined);
  const first = letter({ isLaying: true, emailId: 'gone' });
  const { note } = browser(first);
  await expect(deliverLetter(first, { ...base, jmap: one.jmap, note })).rejects.toThrow(LostTrack);
  expect([one.emails.size, one.submissions.size]).toEqual([0, 0]);
  await untilDelivered({ ...first, isLaying: false, emailId: undefined }, one);
  expectOnce(one);
});

test('what another program has sent as it was laid is not sent once more', async () => {
  const one = relay(() => undefined);
  one.emails.set('laid', { messageId: 'key@alice.test', files: [], isDraft: false });
  const first = letter({ isLaying: true, emailId: 'laid' });
  const { note } = browser(first);
  await expect(deliverLetter(first, { ...base, jmap: one.jmap, note })).rejects.toThrow(LostTrack);
  expect(one.submissions.size).toBe(0);
});

test('what was laid without an answer and changed by another program since is neither sent nor taken away: a person decides', async () => {
  const one = relay((request) => (request === 2 ? 'back' : undefined));
  const first = browser(letter());
  await expect(deliverLetter(first.kept(), { ...base, jmap: one.jmap, note: first.note })).rejects.toThrow(NoAnswer);
  one.emails.clear();
  const said = laidOf(first.kept(), { bodyValues: { text: { value: 'Newer.' } } });
  one.emails.set('theirs', { messageId: 'key@alice.test', files: ['up'], said, isDraft: true });
  await expect(deliverLetter(first.kept(), { ...base, jmap: one.jmap, note: first.note })).rejects.toThrow(LostTrack);
  expect([[...one.emails.keys()], one.submissions.size]).toEqual([['theirs'], 0]);
});

test('of what was saved before it only what says what was saved from here goes', async () => {
  const one = relay(() => undefined);
  const earlier = { ...letter().draft, subject: 'Earlier', attachments: [] };
  one.emails.set('ours', { messageId: 'old@alice.test', files: [], said: laidOf(letter({ draft: earlier })), isDraft: true });
  one.emails.set('theirs', {
    messageId: 'old@alice.test',
    files: [],
    said: laidOf(letter({ draft: { ...earlier, subject: 'Newer' } })),
    isDraft: true,
  });
  await untilDelivered(letter({ laidAs: ['old@alice.test'], digests: [await digestOf(earlier)] }), one);
  expect([...one.emails].filter(([, { isDraft }]) => isDraft).map(([id]) => id)).toEqual(['theirs']);
});

test('a draft before it that another program has sent meanwhile stays', async () => {
  const one = relay(() => undefined);
  one.emails.set('saved', { messageId: 'old@alice.test', files: [], isDraft: false });
  await untilDelivered(letter({ savedId: 'saved' }), one);
  expect([one.emails.has('saved'), one.emails.size]).toEqual([true, 2]);
});

test('of a letter that was called back before its answer came it is told that it is a draft again', async () => {
  const one = relay((number) => (number === 3 ? 'back' : undefined));
  const first = browser(letter());
  await expect(deliverLetter(first.kept(), { ...base, jmap: one.jmap, note: first.note })).rejects.toThrow(NoAnswer);
  one.calledBack.add('key');
  for (const email of one.emails.values()) email.isDraft = true;
  expect(await deliverLetter(first.kept(), { ...base, jmap: one.jmap, note: first.note })).toMatchObject({ isCalledBack: true });
  expect([...one.emails.values()].map(({ isDraft }) => isDraft)).toEqual([true]);
});

describe('where Drafts was made anew at the provider', () => {
  const places = async (isAnew = false) => ({ ...PLACES, draftsId: isAnew ? 'drafts' : 'as it was' });

  test('a letter goes by way of the new one, and is told to be refused by nobody', async () => {
    const one = relay(() => undefined);
    const { note, kept } = browser(letter());
    await deliverLetter(kept(), { ...base, places, jmap: one.jmap, note });
    expectOnce(one);
    expect(one.blobs.size).toBe(1);
  });

  test('what is refused there, too, is refused; and so is what the mailbox was not the reason of', async () => {
    for (const anew of ['another', 'as it was']) {
      const one = relay(() => undefined);
      const { note, kept } = browser(letter());
      const elsewhere = async (isAnew = false) => ({ ...PLACES, draftsId: isAnew ? anew : 'as it was' });
      await expect(deliverLetter(kept(), { ...base, places: elsewhere, jmap: one.jmap, note })).rejects.toThrow('invalidProperties');
      expect([one.emails.size, one.submissions.size]).toEqual([0, 0]);
    }
  });

  test('it waits while nobody can say where it is', async () => {
    const one = relay(() => undefined);
    const { note, kept } = browser(letter());
    const unknown = async (isAnew = false) => (isAnew ? Promise.reject(new NoAnswer('down')) : { ...PLACES, draftsId: 'as it was' });
    await expect(deliverLetter(kept(), { ...base, places: unknown, jmap: one.jmap, note })).rejects.toThrow(NoAnswer);
  });
});

describe('where Sent was made anew at the provider', () => {
  const losses = [1, 2, 3, 4].flatMap((request) => (['there', 'back'] as const).map((where) => [request, where] as const));
  test.each([[0, undefined] as const, ...losses])(
    'a letter has left, once, and is filed there, when request %i is lost on its way %s',
    async (request, where) => {
      const one = relay((number) => (number === request ? where : undefined), { filesSent: false });
      const places = async (isAnew = false) => ({ ...PLACES, sentId: isAnew ? 'sent' : 'as it was' });
      let now = browser(letter());
      for (let round = 0; round < 3; round += 1) {
        const isOver = await deliverLetter(now.kept(), { ...base, places, jmap: one.jmap, note: now.note }).then(
          () => true,
          () => false,
        );
        if (isOver) break;
        now = browser(now.kept());
      }
      expectOnce(one);
      expect([...one.emails.values()].map(({ mailboxId }) => mailboxId)).toEqual(['sent']);
    },
  );

  test.each([undefined, 'as it was'])('it has left all the same when that can not be, as the relay says it is %s', async (sentId) => {
    const one = relay(() => undefined, { filesSent: false });
    const now = sentId === undefined ? Promise.reject(new NoAnswer('down')) : Promise.resolve({ ...PLACES, sentId });
    const { note, kept } = browser(letter());
    await deliverLetter(kept(), { ...base, places: (isAnew = false) => (isAnew ? now : base.places()), jmap: one.jmap, note });
    expectOnce(one);
  });
});

test('a file that was uploaded too long ago goes up again', async () => {
  const one = relay(() => undefined);
  const first = letter();
  await untilDelivered({ ...first, draft: { ...first.draft, attachments: [{ ...FILE, blobId: 'aged' }] } }, one);
  expectOnce(one);
});

test('nothing that goes wrong after it has left is taken for a refusal', async () => {
  const one = relay(() => undefined);
  const { batch } = one.jmap;
  const refuse: Jmap['batch'] = async (calls, signal) => {
    if (one.submissions.size > 0) throw new MethodFailure('invalidArguments', '');
    return batch(calls, signal);
  };
  const { note, kept } = browser(letter({ laidAs: ['old@alice.test'] }));
  await expect(deliverLetter(kept(), { ...base, jmap: { ...one.jmap, batch: refuse }, note })).rejects.toThrow(NoAnswer);
  expect(kept().isHandedOver).toBe(true);
  await untilDelivered(kept(), one);
  expectOnce(one);
});

test('what may have left and of which nothing is known any more is for a person to decide', async () => {
  const one = relay(() => undefined);
  const { note } = browser(letter());
  const lost = letter({ isLaying: true, emailId: 'gone', isHandedOver: true });
  await expect(deliverLetter(lost, { ...base, jmap: one.jmap, note })).rejects.toThrow(LostTrack);
  expect(one.submissions.size).toBe(0);
});

test('what the relay has said that it did not take is not handed over; what went wrong in it may be', async () => {
  for (const [type, isHandedOver] of [
    ['forbiddenToSend', false],
    ['serverUnavailable', true],
  ] as const) {
    const one = relay(() => undefined);
    const { call } = one.jmap;
    const refuse = async (name: string, args: unknown) =>
      name === 'EmailSubmission/set' ? { notCreated: { sent: { type } } } : call(name as never, args as never);
    const { note, kept } = browser(letter());
    const jmap = { ...one.jmap, call: refuse } as unknown as Jmap;
    await expect(deliverLetter(kept(), { ...base, jmap, note })).rejects.toThrow(type);
    expect([type, kept().isHandedOver, one.emails.size]).toEqual([type, isHandedOver, 1]);
  }
});

test('a refusal is told as it is', async () => {
  const one = relay(() => undefined);
  const { note } = browser(letter());
  const refused = letter({ draft: { ...letter().draft, attachments: [{ ...FILE, blobId: 'nowhere', file: undefined as never }] } });
  await expect(deliverLetter(refused, { ...base, jmap: one.jmap, note })).rejects.toThrow(MethodFailure);
});
