/*
 * What a refusal means. Two questions: is it final (`rejected`), and what is it about (the class)?
 *
 * Final is only a 5xx to RCPT, DATA or the dot, and there only when it speaks of the recipient or the message. What speaks of us (log-in,
 * our address, relaying), of the sender, or of the conversation is deferred: another route, or the same one tomorrow, may well take
 * the message. Servers that are half dead say such things in the middle of an outage.
 */
import type { Reason, ReasonClass } from '@stopgap/core';
import { quote, type SmtpReply } from './reply.ts';
import { retryAfterMs } from './retry-hint.ts';

/** Where in the conversation it was said; `connect` is the banner, `dot` the answer to the whole message. */
export type Verb = 'connect' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'dot';

export interface Refusal {
  readonly kind: 'deferred' | 'rejected';
  readonly reason: Reason;
  /** The server named a time. */
  readonly retryAfterMs?: number;
}

/** For replies other than the wanted 2xx or 3xx. */
export function classify(reply: SmtpReply, verb: Verb, host: string): Refusal {
  const found = find(reply, verb);
  const wait = found.kind === 'deferred' ? retryAfterMs(reply.lines.join(' ')) : undefined;
  return {
    kind: found.kind,
    reason: {
      class: found.class,
      text: `${host} said: ${quote(reply)}`,
      code: reply.code,
      host,
      ...(reply.status === undefined ? {} : { status: reply.status }),
    },
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

interface Found {
  readonly kind: Refusal['kind'];
  readonly class: ReasonClass;
}

const deferred = (reasonClass: ReasonClass): Found => ({ kind: 'deferred', class: reasonClass });
const rejected = (reasonClass: ReasonClass): Found => ({ kind: 'rejected', class: reasonClass });

const GREYLIST_TEXT = /gr[ae]y.?list/i;
const RATE_TEXT = /too (?:many|fast|much)|throttl|\brate\b|limit (?:reached|exceeded)|exceeded .{0,30}limit|slow down|concurren/i;
const SERVER_TROUBLE_TEXT =
  /(?:local|lookup|internal|server|system) (?:problem|error|failure|fault)|temporary (?:lookup|system|server|internal)|service .{0,20}unavailable|shutting down/i;
/** A 5xx with these words speaks of our address or of our right to relay, not of the message. */
const ABOUT_US_TEXT =
  /client host|your (?:ip|host)|\bblocked using\b|black.?list|block.?list|\brbl\b|dnsbl|reputation|relay(?:ing)? (?:access )?(?:denied|not|prohibited)|not permitted to relay|unable to relay|rcpthosts|authenticat/i;
/** Postfix checks the sender only when a recipient comes, and says so in the answer to RCPT. */
const ABOUT_SENDER_TEXT = /sender address rejected|not owned by user|sender (?:verify|address|domain|rejected|refused)|envelope.from/i;
/** They name no subject; most of Exim's and qmail's refusals have no status at all. */
const VAGUE_STATUS: ReadonlySet<string> = new Set(['', '5.0.0', '5.1.0']);

function find(reply: SmtpReply, verb: Verb): Found {
  const text = reply.lines.join(' ');
  if (reply.code < 400) return deferred('protocol');
  if (verb === 'auth') return inAuth(reply);
  if (verb === 'connect' || verb === 'ehlo' || verb === 'starttls') return beforeMail(reply, verb, text);
  if (reply.code < 500) return temporary(reply, text);
  return permanent(reply, verb, text);
}

/** Never final: when a provider's user store is down its servers say 535 to everybody. */
function inAuth(reply: SmtpReply): Found {
  return deferred(reply.code === 421 ? 'throttled' : 'auth');
}

function beforeMail(reply: SmtpReply, verb: Verb, text: string): Found {
  if (RATE_TEXT.test(text)) return deferred('throttled');
  // RFC 3207 4: 454, TLS not available now; its status 4.7.0 speaks of no rate.
  if (verb === 'starttls') return deferred('tls');
  return deferred(reply.status?.startsWith('4.7.') === true ? 'throttled' : 'connect');
}

function temporary(reply: SmtpReply, text: string): Found {
  const status = reply.status ?? '';
  if (GREYLIST_TEXT.test(text)) return deferred('greylist');
  // RFC 5321 4.5.3.1.10: the others of this message may go in the next transaction.
  if (status === '4.5.3') return deferred('greylist');
  if (RATE_TEXT.test(text) || status === '4.7.28') return deferred('throttled');
  if (reply.code === 454 || status === '4.7.0') return deferred(reply.code === 454 ? 'auth' : 'throttled');
  if (status === '4.2.2' || status === '4.3.1' || reply.code === 452) return deferred('quota');
  if (status === '4.3.4') return deferred('too-big');
  if (reply.code === 421 || status.startsWith('4.3.') || SERVER_TROUBLE_TEXT.test(text)) return deferred('throttled');
  if (status.startsWith('4.7.')) return deferred('greylist');
  if (status === '4.1.8' || status === '4.1.7') return deferred('policy');
  if (status.startsWith('4.1.') || status.startsWith('4.2.')) return deferred('recipient');
  return deferred('greylist');
}

function permanent(reply: SmtpReply, verb: 'mail' | 'rcpt' | 'data' | 'dot' | Verb, text: string): Found {
  const status = reply.status ?? '';
  if (reply.code === 530) return deferred('auth');
  // Of the conversation itself (RFC 5321 4.2.4): our fault or theirs, but never the message's.
  if (reply.code === 500 || reply.code === 502 || reply.code === 503 || reply.code === 504) return deferred('protocol');
  if (reply.code === 555) return deferred('route');
  const about = subject(reply, status, verb);
  if (verb === 'mail') return deferred(about === 'recipient' || about === 'content' ? 'policy' : about);
  const isOpenToWords = verb !== 'dot' && (about === 'policy' || VAGUE_STATUS.has(status));
  // A recipient's address may hold any of those words.
  const words = text.replaceAll(/<[^<>]*>/g, ' ');
  if (isOpenToWords && (ABOUT_US_TEXT.test(words) || ABOUT_SENDER_TEXT.test(words))) return deferred('policy');
  return rejected(about);
}

/** What a 5xx is about, by status first and by code where there is none. */
function subject(reply: SmtpReply, status: string, verb: Verb): ReasonClass {
  if (status === '5.3.4' || status === '5.2.3') return 'too-big';
  if (status === '5.2.2' || status === '5.3.1') return 'quota';
  if (status === '5.1.7' || status === '5.1.8') return 'policy';
  if (status.startsWith('5.6.')) return 'content';
  if (status.startsWith('5.7.')) return 'policy';
  if (status.startsWith('5.1.') || status.startsWith('5.2.')) return 'recipient';
  if (reply.code === 552) return verb === 'rcpt' ? 'quota' : 'too-big';
  if (reply.code === 554) return 'policy';
  if (verb === 'rcpt') return 'recipient';
  return verb === 'dot' || verb === 'data' ? 'content' : 'policy';
}
