/*
 * One mail transaction (RFC 5321 3.3), pipelined where the server offers it (RFC 2920):
 *   MAIL, RCPT..., DATA  ->  their answers  ->  the body  ->  mark  ->  the dot  ->  the answer.
 * Up to the mark every failure is deferred. From the dot on, only an answer is an answer; without one the outcome is unsure.
 */
import { messageOf, outcomeForAll, type JobRecipient, type Outcome, type RecipientId } from '@stopgap/core';
import type { Capabilities } from './capabilities.ts';
import { classify, type Verb } from './classify.ts';
import { mailCommand, rcptCommand, type MailEnvelope } from './command-text.ts';
import { BareLineEnd, DotStuffing } from './dot-stuffing.ts';
import { deferredBy, SmtpFailure } from './failure.ts';
import { quote, type SmtpReply } from './reply.ts';
import type { SmtpTimeouts } from './timeouts.ts';
import type { SmtpWire } from './wire.ts';

export interface SmtpMessage {
  readonly envelope: MailEnvelope;
  readonly recipients: readonly JobRecipient[];
  /** CRLF line ends, not dot-stuffed. */
  open(): AsyncIterable<Buffer>;
  /** See DeliveryJob.mark. */
  mark(): Promise<void>;
}

export interface SmtpResult {
  readonly outcomes: ReadonlyMap<RecipientId, Outcome>;
  /** The connection ended before it took anything of this transaction: an idle one that the server had closed, or wants to be rid of. */
  readonly isStale: boolean;
  /** The transaction did not end with an answer to the dot: the next one starts with RSET. */
  readonly needsReset: boolean;
}

interface Context {
  readonly host: string;
  readonly offers: Capabilities;
  readonly timeouts: SmtpTimeouts;
  readonly startsWithReset: boolean;
}

/** Never rejects. */
export async function sendOn(wire: SmtpWire, message: SmtpMessage, context: Context): Promise<SmtpResult> {
  const outcomes = new Map<RecipientId, Outcome>();
  const mail = mailCommand(message.envelope, context.offers);
  if ('refused' in mail)
    return { outcomes: outcomeForAll(message.recipients, mail.refused), isStale: false, needsReset: context.startsWithReset };
  const named: { readonly recipient: JobRecipient; readonly line: string }[] = [];
  for (const recipient of message.recipients) {
    const rcpt = rcptCommand(recipient, context.offers);
    if ('refused' in rcpt) outcomes.set(recipient.id, rcpt.refused);
    else named.push({ recipient, line: rcpt.line });
  }
  if (named.length === 0) return { outcomes, isStale: false, needsReset: context.startsWithReset };

  let opening: Opening;
  try {
    opening = await openTransaction(wire, { mail: mail.line, rcpts: named.map((one) => one.line) }, context);
  } catch (error) {
    setAll(outcomes, named, deferredBy(error, context.host));
    return { outcomes, isStale: wire.heardNothing, needsReset: false };
  }
  const accepted = judge(opening, named, { outcomes, host: context.host });
  if (accepted.length === 0) {
    // RFC 2920 3.1 would have us send a lone dot behind a 354. A dot that is not ours to mark is not sent: the connection goes instead.
    if (opening.data.code === 354)
      wire.fail(new SmtpFailure({ class: 'protocol', text: `${context.host} wanted a message for nobody`, host: context.host }));
    return { outcomes, isStale: opening.mail.code === 421, needsReset: true };
  }
  const outcome = await sendBody(wire, message, context);
  for (const recipient of accepted) outcomes.set(recipient.id, outcome);
  return { outcomes, isStale: false, needsReset: false };
}

interface Opening {
  readonly mail: SmtpReply;
  readonly rcpts: readonly SmtpReply[];
  readonly data: SmtpReply;
}

async function openTransaction(
  wire: SmtpWire,
  lines: { readonly mail: string; readonly rcpts: readonly string[] },
  context: Context,
): Promise<Opening> {
  const { timeouts, offers, startsWithReset } = context;
  const limitMs = timeouts.mailMs + timeouts.rcptMs + timeouts.dataMs;
  if (offers.pipelining) {
    const reset = startsWithReset ? ['RSET\r\n'] : [];
    const commands = [...reset, lines.mail, ...lines.rcpts, 'DATA\r\n'];
    wire.write(commands.join(''));
    const replies = await wire.replies(commands.length, 'mail', limitMs);
    const [mail, ...rest] = replies.slice(reset.length);
    const data = rest.pop();
    if (!mail || !data) throw new SmtpFailure({ class: 'protocol', text: 'too few replies', host: context.host });
    return { mail, rcpts: rest, data };
  }
  const say = (line: string, verb: Verb, ms: number): Promise<SmtpReply> => {
    wire.write(line);
    return wire.reply(verb, ms);
  };
  if (startsWithReset) await say('RSET\r\n', 'mail', timeouts.commandMs);
  const mail = await say(lines.mail, 'mail', timeouts.mailMs);
  const rcpts: SmtpReply[] = [];
  if (isPositive(mail)) for (const line of lines.rcpts) rcpts.push(await say(line, 'rcpt', timeouts.rcptMs));
  if (!rcpts.some(isPositive)) return { mail, rcpts, data: { code: 503, lines: ['not asked'] } };
  return { mail, rcpts, data: await say('DATA\r\n', 'data', timeouts.dataMs) };
}

/** Writes down what was refused; answers whose message may now be sent. */
function judge(
  { mail, rcpts, data }: Opening,
  named: readonly { readonly recipient: JobRecipient }[],
  { outcomes, host }: { readonly outcomes: Map<RecipientId, Outcome>; readonly host: string },
): JobRecipient[] {
  if (!isPositive(mail)) {
    setAll(outcomes, named, refusal(mail, 'mail', host));
    return [];
  }
  const accepted: JobRecipient[] = [];
  for (const [index, { recipient }] of named.entries()) {
    const reply = rcpts[index];
    if (reply && isPositive(reply)) accepted.push(recipient);
    else if (reply) outcomes.set(recipient.id, refusal(reply, 'rcpt', host));
  }
  if (accepted.length === 0 || data.code === 354) return accepted;
  for (const recipient of accepted) outcomes.set(recipient.id, refusal(data, 'data', host));
  return [];
}

/** One outcome for all whose RCPT was accepted. */
async function sendBody(wire: SmtpWire, message: SmtpMessage, { host, offers, timeouts }: Context): Promise<Outcome> {
  const stuffing = new DotStuffing();
  let end: string;
  try {
    for await (const chunk of message.open()) {
      wire.writeAll(stuffing.stuff(chunk));
      if (wire.needsDrain) await wire.flushed(timeouts.bodyMs);
    }
    end = stuffing.end();
    // What piles up on our side has not reached the server: a stall there is no reason to doubt the end.
    await wire.flushed(timeouts.bodyMs);
    await message.mark();
    wire.throwIfFailed();
  } catch (error) {
    const broken = brokenOff(error, host);
    // Without its dot the server must throw the message away (RFC 5321 4.1.1.4), so the connection can not go on.
    wire.fail(new SmtpFailure(broken.reason));
    return broken;
  }
  try {
    wire.write(end);
    const reply = await wire.reply('dot', timeouts.afterDotMs);
    if (isPositive(reply)) return { kind: 'delivered', by: host, reply: quote(reply), dsnPassedOn: offers.dsn };
    if (reply.code >= 400) return refusal(reply, 'dot', host);
    // Out of step with us: its answer to the message may be yet to come.
    const failure = new SmtpFailure({ class: 'protocol', text: `${host} said: ${quote(reply)}`, host });
    wire.fail(failure);
    throw failure;
  } catch (error) {
    return {
      kind: 'unsure',
      reason: { class: 'lost-answer', text: `The answer to the whole message was lost: ${messageOf(error)}`, host },
    };
  }
}

function brokenOff(error: unknown, host: string): Outcome & { kind: 'deferred' } {
  if (error instanceof SmtpFailure) return error.deferred;
  const text = error instanceof BareLineEnd ? `the stored message has ${error.message}` : messageOf(error);
  return { kind: 'deferred', reason: { class: 'internal', text: `The message was broken off before its end: ${text}`, host } };
}

function refusal(reply: SmtpReply, verb: Verb, host: string): Outcome {
  const { kind, reason, retryAfterMs } = classify(reply, verb, host);
  if (kind === 'rejected') return { kind, reason };
  return { kind, reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function isPositive(reply: SmtpReply): boolean {
  return reply.code >= 200 && reply.code < 300;
}

function setAll(outcomes: Map<RecipientId, Outcome>, named: readonly { readonly recipient: JobRecipient }[], outcome: Outcome): void {
  for (const { recipient } of named) outcomes.set(recipient.id, outcome);
}
