/*
 * Why a webmail did not send. Its texts are in the person's own language, so the structure decides, which all translations share
 * (rcube_smtp.php and Net_SMTP, Roundcube 1.6):
 *   `SMTP Error (550): Failed to add recipient "a@b" (5.1.1 words)`  a code in brackets before the colon: before DATA, nothing left
 *   `SMTP Error: [451] 4.3.0 words`                                  the answer to DATA or to the message: nothing was taken
 *   `SMTP Error: [-1] `, `SMTP Error: Failed to write to socket`     the connection went after the message may have gone over
 * What fits nowhere is `unclear`: it may be that the mail left.
 */
import type { Reason } from '@stopgap/core';
import { classify, type Refusal, type Verb } from '../smtp/classify.ts';

const LONGEST_TEXT = 300;

export type SendFailure =
  /** Nothing was sent. */
  | {
      readonly kind: 'nothing-sent';
      readonly reason: Reason;
      readonly isFinal: boolean;
      /** So many at once would be taken. */
      readonly mostRecipients?: number;
    }
  /** Nothing was sent, because of this one recipient. */
  | { readonly kind: 'recipient'; readonly address: string; readonly reason: Reason; readonly isFinal: boolean }
  | { readonly kind: 'unclear'; readonly reason: Reason };

export interface SendContext {
  readonly from: string;
  readonly recipients: readonly string[];
  readonly host: string;
}

export function readSendFailure(text: string, context: SendContext): SendFailure {
  const words = text.slice(0, LONGEST_TEXT).trim();
  // An error of the program itself, at any point, also after the mail left.
  if (words.startsWith('Application Error')) return unclear(`The webmail may not have sent: ${words}`, context.host);
  const before = /^[^:：]{0,60}[(（]\s*(-?\d{0,3})\s*\$?[)）]\s*[:：](.*)$/s.exec(words);
  if (before !== null) return beforeData(Number(before[1] || '0'), before[2] ?? '', context);
  const during = /\[(-?\d{1,3})\]\s*(.*)$/s.exec(words);
  if (during !== null) return duringData(Number(during[1]), during[2] ?? '', context.host);
  return withoutCode(words, context);
}

function beforeData(code: number, words: string, context: SendContext): SendFailure {
  const named = quotedAddress(words, [...context.recipients, context.from]);
  if (named === undefined)
    return {
      kind: 'nothing-sent',
      reason: smtpReason(code, words, context.host, code === 535 || code === 534 ? 'auth' : 'connect'),
      isFinal: false,
    };
  const isRecipient = context.recipients.some((recipient) => same(recipient, named));
  const { kind, reason } = judged(code, words.replaceAll(named, ' '), { verb: isRecipient ? 'rcpt' : 'mail', host: context.host });
  const isRefused = kind === 'rejected';
  const byDefault = isRecipient ? 'recipient' : 'policy';
  const why = smtpReason(code, words, context.host, code >= 500 && !isRefused ? reason.class : byDefault);
  if (!isRecipient) return { kind: 'nothing-sent', reason: why, isFinal: false };
  // A sender writing to itself: "from" and "to" can not be told apart by the address, and only MAIL FROM is tried before all of RCPT TO.
  return { kind: 'recipient', address: named, reason: why, isFinal: isRefused && !same(named, context.from) };
}

/** As on the way of a mail server itself: a 5xx that speaks of us, of the sender or of the conversation is not final. */
function judged(code: number, words: string, { verb, host }: { readonly verb: Verb; readonly host: string }): Refusal {
  const status = statusIn(words);
  return classify({ code, lines: [words], ...(status === undefined ? {} : { status }) }, verb, host);
}

function statusIn(words: string): string | undefined {
  return /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(words)?.[1];
}

function duringData(code: number, words: string, host: string): SendFailure {
  if (code >= 400 && code <= 599) {
    // "no valid recipients" and the like are answers to DATA, and a refusal of the content is one to the dot: both took nothing.
    const tooBig = code === 552 || /\b5\.3\.4\b/.test(words);
    const isFinal = judged(code, words, { verb: 'dot', host }).kind === 'rejected';
    return { kind: 'nothing-sent', reason: smtpReason(code, words, host, tooBig ? 'too-big' : 'content'), isFinal };
  }
  return unclear(`The webmail lost its mail server in the middle of the message: ${words}`, host);
}

/** English words; in another language they are `unclear`, which is slower and as safe. */
function withoutCode(words: string, context: SendContext): SendFailure {
  const lower = words.toLowerCase();
  const nothing = (kind: Reason['class'], isFinal = false) => ({
    kind: 'nothing-sent' as const,
    reason: { class: kind, text: `The webmail did not send: ${words}`, host: context.host },
    isFinal,
  });
  if (lower.includes('message size exceeds')) return nothing('too-big', true);
  if (lower.startsWith('please wait')) return nothing('throttled');
  const most = /^too many recipients\b.*?(\d{1,6})/.exec(lower)?.[1];
  if (most !== undefined && Number(most) > 0) return { ...nothing('throttled'), mostRecipients: Number(most) };
  if (lower.startsWith('could not load message')) return nothing('protocol');
  if (lower.startsWith('smtp error: server does not support unicode')) return nothing('route');
  if (lower.startsWith('invalid email address')) {
    const address = quotedAddress(words, context.recipients);
    const reason: Reason = { class: 'route', text: `This webmail can not write to this address: ${words}`, host: context.host };
    return address === undefined ? nothing('route') : { kind: 'recipient', address, reason, isFinal: false };
  }
  return unclear(`The webmail may not have sent: ${words}`, context.host);
}

function unclear(text: string, host: string): SendFailure {
  return { kind: 'unclear', reason: { class: 'lost-answer', text, host, isUnprovable: true } };
}

function smtpReason(code: number, words: string, host: string, fallback: Reason['class']): Reason {
  const status = statusIn(words);
  return {
    class: fallback,
    text: `The webmail's mail server said: ${words.trim()}`,
    host,
    ...(code >= 400 && code <= 599 ? { code } : {}),
    ...(status === undefined ? {} : { status }),
  };
}

/** In whatever quotation marks the translation uses. */
function quotedAddress(words: string, candidates: readonly string[]): string | undefined {
  const lower = words.toLowerCase();
  const found = candidates
    .map((address) => ({ address, at: lower.indexOf(address.toLowerCase()) }))
    .filter(
      ({ address, at }) => at > 0 && !isAddressCharacter(lower.charAt(at - 1)) && !isAddressCharacter(lower.charAt(at + address.length)),
    );
  return found.toSorted((a, b) => a.at - b.at)[0]?.address;
}

function isAddressCharacter(char: string): boolean {
  return /[A-Za-z0-9.@_+-]/.test(char);
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
