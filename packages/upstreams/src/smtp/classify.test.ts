import { describe, expect, test } from 'vitest';
import { classify, type Verb } from './classify.ts';
import { ReplyParser } from './reply.ts';

const HOST = 'smtp.provider.test';

function judged(text: string, verb: Verb) {
  const [reply] = new ReplyParser().feed(Buffer.from(`${text}\r\n`)).replies;
  if (!reply) throw new Error(`no reply: ${text}`);
  return classify(reply, verb, HOST);
}

describe('a refusal', () => {
  test.each<readonly [name: string, verb: Verb, reply: string, meaning: string]>([
    ['unknown user', 'rcpt', '550 5.1.1 <x@y.test>: Recipient address rejected: User unknown', 'rejected recipient'],
    ['unknown user without a status', 'rcpt', '550 no such user here', 'rejected recipient'],
    ['user moved', 'rcpt', '551 5.1.6 User has moved', 'rejected recipient'],
    ['domain that does not exist', 'rcpt', '550 5.1.2 Bad destination system', 'rejected recipient'],
    ['mailbox switched off', 'rcpt', '550 5.2.1 mailbox disabled', 'rejected recipient'],
    ['bad mailbox name', 'rcpt', '553 5.1.3 bad address syntax', 'rejected recipient'],
    ['full mailbox for good', 'rcpt', '552 5.2.2 over quota', 'rejected quota'],
    ['full mailbox for now', 'rcpt', '452 4.2.2 over quota', 'deferred quota'],
    ['recipient that policy refuses', 'rcpt', '550 5.7.1 this list takes mail of its members only', 'rejected policy'],
    [
      'our address on a block list',
      'rcpt',
      '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example',
      'deferred policy',
    ],
    ['no right to relay', 'rcpt', '554 5.7.1 <x@y.test>: Relay access denied', 'deferred policy'],
    ['no right to relay, as Exim says it', 'rcpt', '550 relay not permitted', 'deferred policy'],
    [
      'no right to relay, as qmail says it',
      'rcpt',
      "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
      'deferred policy',
    ],
    ['our address on a block list, without a status', 'rcpt', '550 192.0.2.1 is listed at dnsbl.example', 'deferred policy'],
    [
      'sender that could not be verified, without a status',
      'rcpt',
      '550-Verification failed for <a@b.test>\r\n550 Sender verify failed',
      'deferred policy',
    ],
    ['sender refused under a status that says nothing', 'rcpt', '550 5.1.0 <a@b.test> sender rejected', 'deferred policy'],
    ['unknown user without a status, and such an address', 'rcpt', '550 <reputation@y.test> unknown', 'rejected recipient'],
    ['unknown user whose address reads like one of those words', 'rcpt', '550 5.1.1 <reputation@y.test> unknown', 'rejected recipient'],
    ['sender that is not ours', 'rcpt', '553 5.7.1 <a@b.test>: Sender address rejected: not owned by user c', 'deferred policy'],
    ['sender domain unknown, said at RCPT', 'rcpt', '450 4.1.8 <a@b.test>: Sender address rejected: Domain not found', 'deferred policy'],
    ['log-in wanted', 'mail', '530 5.7.0 Authentication required', 'deferred auth'],
    ['greylisting by word', 'rcpt', '450 4.2.0 <x@y.test>: Recipient address rejected: Greylisted', 'deferred greylist'],
    ['greylisting in the other spelling', 'rcpt', '451 you are graylisted', 'deferred greylist'],
    ['greylisting by status', 'rcpt', '451 4.7.1 Please try again later', 'deferred greylist'],
    ['too many recipients', 'rcpt', '452 4.5.3 Too many recipients', 'deferred greylist'],
    ['too many messages', 'mail', '450 4.7.1 Error: too much mail from 192.0.2.1', 'deferred throttled'],
    ['too many connections', 'connect', '421 4.7.0 Too many connections from 192.0.2.1', 'deferred throttled'],
    ['rate by status', 'mail', '421 4.7.28 slow', 'deferred throttled'],
    ['shutting down', 'mail', '421 4.3.2 Service shutting down', 'deferred throttled'],
    ['local trouble', 'dot', '451 4.3.0 queue file write error', 'deferred throttled'],
    ['lookup trouble', 'rcpt', '451 4.3.0 <x@y.test>: Temporary lookup failure', 'deferred throttled'],
    ['disk full over there', 'mail', '452 4.3.1 Insufficient system storage', 'deferred quota'],
    ['message too big by status', 'mail', '552 5.3.4 Message size exceeds fixed limit', 'deferred too-big'],
    ['message too big at the dot', 'dot', '552 5.3.4 Error: message file too big', 'rejected too-big'],
    ['message too big without a status', 'dot', '552 message too large', 'rejected too-big'],
    ['virus', 'dot', '550 5.6.0 message contains a virus', 'rejected content'],
    ['spam', 'dot', '554 5.7.1 Message rejected as spam', 'rejected policy'],
    ['refusal of the whole message without a status', 'dot', '550 no', 'rejected content'],
    ['sender refused at MAIL', 'mail', '550 5.1.8 sender domain does not exist', 'deferred policy'],
    ['sender refused at MAIL without a status', 'mail', '550 no', 'deferred policy'],
    ['syntax', 'mail', '501 5.5.4 syntax error in parameters', 'deferred policy'],
    ['unknown command', 'rcpt', '500 5.5.1 what?', 'deferred protocol'],
    ['order of commands', 'data', '503 5.5.1 need RCPT first', 'deferred protocol'],
    ['parameter not known', 'mail', '555 5.5.4 unsupported parameter', 'deferred route'],
    ['wrong password', 'auth', '535 5.7.8 authentication credentials invalid', 'deferred auth'],
    ['user store down', 'auth', '454 4.7.0 Temporary authentication failure', 'deferred auth'],
    ['goodbye at AUTH', 'auth', '421 4.7.0 too many errors', 'deferred throttled'],
    ['no TLS for now', 'starttls', '454 4.7.0 TLS not available', 'deferred tls'],
    ['no service', 'connect', '554 5.3.2 no SMTP service here', 'deferred connect'],
    ['an answer of another kind than asked', 'rcpt', '354 go ahead', 'deferred protocol'],
    ['a status of another kind than the code', 'rcpt', '550 4.2.2 over quota', 'rejected recipient'],
  ])('%s', (_, verb, reply, meaning) => {
    const { kind, reason } = judged(reply, verb);
    expect(`${kind} ${reason.class}`).toBe(meaning);
  });

  test('is final only at RCPT, DATA and the dot', () => {
    const verbs: readonly Verb[] = ['connect', 'ehlo', 'starttls', 'auth', 'mail'];
    for (const verb of verbs)
      for (const code of [500, 501, 530, 535, 550, 551, 552, 553, 554, 555, 571])
        for (const status of ['', ' 5.1.1', ' 5.7.1', ' 5.6.0']) expect(judged(`${code}${status} no`, verb).kind).toBe('deferred');
  });

  test('that is temporary is never final', () => {
    const verbs: readonly Verb[] = ['connect', 'ehlo', 'starttls', 'auth', 'mail', 'rcpt', 'data', 'dot'];
    for (const verb of verbs)
      for (let code = 400; code < 500; code += 1) expect(judged(`${code} no such user, spam, virus`, verb).kind).toBe('deferred');
  });

  test('keeps code, status, host and words for the DSN', () => {
    expect(judged('550-5.1.1 no\r\n550 5.1.1 such user', 'rcpt').reason).toEqual({
      class: 'recipient',
      text: 'smtp.provider.test said: 550 5.1.1 no such user',
      code: 550,
      status: '5.1.1',
      host: HOST,
    });
  });
});

describe('the wait that a refusal asks for', () => {
  test.each([
    ['450 greylisted, try again in 5 minutes', 300_000],
    ['450 4.7.1 retry in 00:04:30', 270_000],
    ['451 come back in 90 seconds', 90_000],
    ['421 please wait 1 hour', 3_600_000],
    ['450 try again in 500 hours', 86_400_000],
    ['450 try again later', undefined],
    ['450 limit of 300 messages reached', undefined],
    ['450 try again in 0 seconds', undefined],
  ])('%s', (reply, ms) => {
    expect(judged(reply, 'rcpt').retryAfterMs).toBe(ms);
  });

  test('of a final refusal is none', () => {
    expect(judged('550 5.1.1 no such user, try again in 5 minutes', 'rcpt').retryAfterMs).toBeUndefined();
  });
});
