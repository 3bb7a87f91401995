import { expect, test } from 'vitest';
import { NoAnswer } from './failures.ts';
import { discardDraft, submitDraft, unsend } from './drafts.ts';
import { createJmap, type Jmap } from './jmap.ts';

const RESOURCE = {
  capabilities: { 'urn:stopgap:outbox': {} },
  accounts: { a: {} },
  primaryAccounts: { 'urn:ietf:params:jmap:mail': 'a' },
  username: 'me@alice.test',
  apiUrl: '/jmap/api',
  downloadUrl: '/',
  uploadUrl: '/',
  state: '',
} as unknown as Jmap['resource'];

interface Answers {
  readonly [method: string]: (args: never) => readonly (readonly [name: string, answer: unknown])[];
}

/** A relay that answers so. Gives what was asked of it to change. */
function relay(answers: Answers) {
  const changes: unknown[] = [];
  const request = async (_: string, { body }: { readonly body?: unknown } = {}): Promise<Response> => {
    const { methodCalls } = body as { readonly methodCalls: readonly (readonly [string, { readonly accountId: string }, string])[] };
    const methodResponses = methodCalls.flatMap(([name, args, id]) => {
      const { accountId: _account, ...asked } = args;
      if (name === 'Email/set') changes.push(asked);
      return (answers[name]?.(args as never) ?? [[name, {}]]).map((answer) => [...answer, id]);
    });
    return Response.json({ methodResponses });
  };
  const jmap = createJmap(RESOURCE, { request, once: request, renew: async () => false, takeBack: async () => undefined });
  return { jmap, changes };
}

const SUBMISSION = {
  key: 'k',
  emailId: 'e',
  identity: { id: 'i', name: 'Me', email: 'me@alice.test' },
  recipients: ['bob@far.test'],
  sentId: 'gone',
  sentIdNow: async () => undefined,
  about: undefined,
  mayCallBack: false,
} as const;

const NOT_MOVED = ['Email/set', { notUpdated: { e: { type: 'invalidProperties', description: 'There is no such mailbox.' } } }] as const;
const SENT = ['EmailSubmission/set', { created: { sent: { id: 's', undoStatus: 'pending' } } }] as const;

test('what is sent and can not be filed is a draft no more', async () => {
  const { jmap, changes } = relay({ 'EmailSubmission/set': () => [SENT, NOT_MOVED] });
  expect(await submitDraft(jmap, SUBMISSION)).toMatchObject({ id: 's' });
  expect(changes).toEqual([{ update: { e: { 'keywords/$draft': null, 'keywords/$seen': true } } }]);
});

test('what is sent is not said to be refused, though it can not even be marked', async () => {
  const { jmap } = relay({ 'EmailSubmission/set': () => [SENT, NOT_MOVED], 'Email/set': () => [['error', { type: 'invalidArguments' }]] });
  await expect(submitDraft(jmap, SUBMISSION)).rejects.toThrow(NoAnswer);
});

test('what is sent and filed needs nothing more', async () => {
  const { jmap, changes } = relay({ 'EmailSubmission/set': () => [SENT, ['Email/set', { updated: { e: null } }]] });
  await submitDraft(jmap, SUBMISSION);
  expect(changes).toEqual([]);
});

test('where the relay fell over before it was filed, it is not said to be refused', async () => {
  const { jmap } = relay({ 'EmailSubmission/set': () => [SENT, ['error', { type: 'serverFail' }]] });
  await expect(submitDraft(jmap, SUBMISSION)).rejects.toMatchObject({ type: 'serverPartialFail' });
});

test('what is called back and can not be moved is a draft again where it is', async () => {
  const { jmap, changes } = relay({ 'EmailSubmission/set': () => [['EmailSubmission/set', { updated: { s: null } }], NOT_MOVED] });
  await unsend(jmap, 's', 'gone');
  expect(changes).toEqual([{ update: { e: { 'keywords/$draft': true } } }]);
});

test('what is called back after Drafts was made anew is a draft in the new one', async () => {
  const { jmap, changes } = relay({
    'EmailSubmission/set': () => [['EmailSubmission/set', { updated: { s: null } }], NOT_MOVED],
    'Mailbox/get': () => [
      [
        'Mailbox/get',
        {
          list: [
            { id: 'sent', role: 'sent' },
            { id: 'anew', role: 'drafts' },
          ],
        },
      ],
    ],
  });
  await unsend(jmap, 's', 'gone');
  expect(changes).toEqual([{ update: { e: { 'keywords/$draft': true, mailboxIds: { anew: true } } } }]);
});

test.each([
  ['is one', { $draft: true }, [{ destroy: ['e'] }]],
  ['was sent by another program meanwhile', {}, []],
])('a draft that %s', async (_, keywords, expected) => {
  const { jmap, changes } = relay({ 'Email/get': () => [['Email/get', { list: [{ id: 'e', keywords }] }]] });
  await discardDraft(jmap, 'e');
  expect(changes).toEqual(expected);
});
