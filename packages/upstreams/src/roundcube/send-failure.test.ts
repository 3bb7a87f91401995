import { describe, expect, test } from 'vitest';
import { readSendFailure, type SendFailure } from './send-failure.ts';

const context = { from: 'me@provider.test', recipients: ['a@x.test', 'me@provider.test', 'aa@x.test'], host: 'webmail.test' };

describe('why a webmail did not send', () => {
  test.for<[string, Partial<SendFailure> | { kind: string; reason: object }]>([
    [
      'SMTP Error (550): Failed to add recipient "a@x.test" (5.1.1 <a@x.test>: unknown).',
      { kind: 'recipient', address: 'a@x.test', isFinal: true },
    ],
    ['SMTP Error (550): Failed to add recipient "aa@x.test" (5.1.1 no).', { kind: 'recipient', address: 'aa@x.test', isFinal: true }],
    ['SMTP Error (450): Failed to add recipient "a@x.test" (4.2.0 later).', { kind: 'recipient', isFinal: false }],
    [
      'SMTP-Fehler (550): Empf\u00e4nger \u201ea@x.test\u201c abgelehnt (5.1.1 no)',
      { kind: 'recipient', address: 'a@x.test', isFinal: true },
    ],
    ['SMTP \u932f\u8aa4\uff08550\uff09\uff1a\u7121\u6cd5\u300ca@x.test\u300d\uff085.1.1\uff09', { kind: 'recipient', address: 'a@x.test' }],
    // Sender and recipient alike: not to be told apart, so never final.
    ['SMTP Error (550): Failed to add recipient "me@provider.test" (5.1.1 no).', { kind: 'recipient', isFinal: false }],
    ['SMTP Error (): Connection to server failed.', { kind: 'nothing-sent', isFinal: false, reason: { class: 'connect' } }],
    ['SMTP Error (-1): Connection to server failed.', { kind: 'nothing-sent', isFinal: false, reason: { class: 'connect' } }],
    ['SMTP Error (535): Authentication failed.', { kind: 'nothing-sent', isFinal: false, reason: { class: 'auth' } }],
    [
      'SMTP Error: [554] 5.5.1 Error: no valid recipients',
      { kind: 'nothing-sent', isFinal: true, reason: { class: 'content', code: 554 } },
    ],
    ['SMTP Error: [451] 4.3.0 try later (1)', { kind: 'nothing-sent', isFinal: false, reason: { code: 451 } }],
    ['SMTP Error: [552] 5.3.4 too big', { kind: 'nothing-sent', isFinal: true, reason: { class: 'too-big' } }],
    ['SMTP Error: Message size exceeds server limit (10 MB)', { kind: 'nothing-sent', isFinal: true, reason: { class: 'too-big' } }],
    ['Too many recipients. Reduce the number of recipients to 15.', { kind: 'nothing-sent', mostRecipients: 15 }],
    ['Please wait 10 sec(s). before sending this message.', { kind: 'nothing-sent', reason: { class: 'throttled' } }],
    ['Invalid email address: aa@x.test', { kind: 'recipient', address: 'aa@x.test', isFinal: false }],
    ['SMTP Error: [-1] ', { kind: 'unclear', reason: { isUnprovable: true } }],
    ['SMTP-feil ($code): [-1] ', { kind: 'unclear' }],
    ['SMTP Error: Failed to write to socket: unknown error', { kind: 'unclear', reason: { isUnprovable: true } }],
    ['Nachricht konnte nicht gesendet werden.', { kind: 'unclear' }],
    ['Application Error (500): Database failed', { kind: 'unclear', reason: { isUnprovable: true } }],
    ['', { kind: 'unclear' }],
  ])('%s', ([text, expected]) => {
    expect(readSendFailure(text, context)).toMatchObject(expected);
  });

  test.for<[string, { kind: string; isFinal: false; reason: object }]>([
    [
      'SMTP Error (530): Failed to set sender "me@provider.test" (5.7.0 Authentication required).',
      { kind: 'nothing-sent', isFinal: false, reason: { class: 'auth', code: 530 } },
    ],
    [
      'SMTP Error (553): Failed to set sender "me@provider.test" (5.7.1 not owned by user).',
      { kind: 'nothing-sent', isFinal: false, reason: { class: 'policy', code: 553 } },
    ],
    [
      'SMTP Error (530): Failed to add recipient "a@x.test" (5.7.0 Authentication required).',
      { kind: 'recipient', isFinal: false, reason: { class: 'auth', code: 530 } },
    ],
    [
      'SMTP Error (554): Failed to add recipient "a@x.test" (5.7.1 <a@x.test>: Relay access denied).',
      { kind: 'recipient', isFinal: false, reason: { class: 'policy', code: 554 } },
    ],
    ['SMTP Error: [503] 5.5.1 bad sequence of commands', { kind: 'nothing-sent', isFinal: false, reason: { code: 503 } }],
  ])('%s speaks of us, as on the way of the mail server itself: it is final for nobody', ([text, expected]) => {
    expect(readSendFailure(text, { ...context, recipients: ['a@x.test'] })).toMatchObject(expected);
  });
});
