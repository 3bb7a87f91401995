import { accountIdOf, isAscii, parseAddress, type Envelope, type EnvelopeRecipient, type NotifyOn } from '@stopgap/core';
import { futureRelease, isFutureRelease, type FutureRelease } from '@stopgap/outbox';
import type { EnvelopeParameters } from '@stopgap/store';
import { z } from 'zod';
import { SetProblem } from '../method-error.ts';
import type { CallContext } from '../method.ts';
import { namedRecipients } from './named-recipients.ts';

/** Of one address, and of each value: RFC 5321 4.5.3.1 has commands of 512 octets. */
const MOST_PARAMETERS = 10;
const PARAMETER_CHARACTERS = 600;

const parameters = z
  .record(z.string().max(100), z.string().max(PARAMETER_CHARACTERS).nullable())
  .refine((given) => Object.keys(given).length <= MOST_PARAMETERS, 'too many')
  .nullish();
type Parameters = Readonly<Record<string, string | null>>;
/** RFC 8621 7 Envelope */
export const envelopeSchema = z.strictObject({
  mailFrom: z.strictObject({ email: z.string(), parameters }),
  rcptTo: z.array(z.strictObject({ email: z.string(), parameters })),
});
export type GivenEnvelope = z.infer<typeof envelopeSchema>;

export interface OutgoingEnvelope {
  readonly from: string;
  readonly recipients: Envelope['recipients'];
  readonly smtpUtf8: boolean;
  readonly ret?: 'full' | 'hdrs';
  readonly envid?: string;
  /** Undefined: at once. */
  readonly sendLater?: FutureRelease;
  /** As they were given, for who asks again. */
  readonly parameters?: EnvelopeParameters;
}

/** As given, or to everybody whom the message names (RFC 8621 7). @throws SetProblem */
export async function envelopeOf(
  given: GivenEnvelope | null | undefined,
  message: AsyncIterable<Buffer>,
  { context, identity }: { readonly context: CallContext; readonly identity: string },
): Promise<OutgoingEnvelope> {
  const nowMs = context.deps.clock.nowMs();
  const named: readonly EnvelopeRecipient[] =
    given?.rcptTo.map((one) => ({ address: one.email, ...ofRecipient(one.parameters ?? {}) })) ?? (await namedRecipients(message));
  const from = given?.mailFrom.email ?? identity;
  const sender = parseAddress(from);
  if (sender === undefined || !context.person.addresses.includes(accountIdOf(sender))) {
    throw new SetProblem('forbiddenMailFrom', 'You may send only as your own address.');
  }
  const options = ofSender(given?.mailFrom.parameters ?? {}, nowMs);
  const recipients = recipientsOf(named, context);
  const smtpUtf8 = !isAscii(from) || recipients.some(({ address }) => !isAscii(address));
  return { from, recipients, smtpUtf8, ...options, ...parametersOf(given) };
}

/** Named twice, one gets one copy: mail servers in use ignore the case of the local part. */
function recipientsOf(named: readonly EnvelopeRecipient[], { deps, account }: CallContext): Envelope['recipients'] {
  const invalid = named.map(({ address }) => address).filter((address) => parseAddress(address) === undefined);
  if (invalid.length > 0)
    throw new SetProblem('invalidRecipients', 'Not every recipient is an address.', { invalidRecipients: invalid.slice(0, 100) });
  const recipients = new Map(
    named.flatMap((one) => {
      const address = parseAddress(one.address);
      return address === undefined ? [] : [[accountIdOf(address), one] as const];
    }),
  );
  if (recipients.size === 0) throw new SetProblem('noRecipients', 'Nobody is to get it.');
  if (recipients.size > deps.limits.recipients) throw new SetProblem('tooManyRecipients', '', { maxRecipients: deps.limits.recipients });
  if (!deps.accounts.takeRecipients(account, recipients.size)) {
    throw new SetProblem('forbiddenToSend', 'Too many recipients within an hour; try again later.');
  }
  return [...recipients.values()];
}

/** RFC 3461 4.4, decoded as RFC 8621 7 has it. */
const ENVID = /^[ -~]{1,100}$/;
const ORCPT = /^[A-Za-z0-9-]+;[ -~]{1,500}$/;

/** What a mail server would take with MAIL. SIZE, BODY and SMTPUTF8 we know better. @throws SetProblem invalidProperties */
function ofSender(given: Parameters, nowMs: number): Pick<OutgoingEnvelope, 'sendLater' | 'ret' | 'envid'> {
  let read: Pick<OutgoingEnvelope, 'sendLater' | 'ret' | 'envid'> = {};
  for (const [key, value] of Object.entries(given)) {
    const name = key.toUpperCase();
    if (isFutureRelease(name)) {
      const sendLater = futureRelease(name, value ?? '', nowMs);
      if (sendLater === undefined || read.sendLater !== undefined) throw badEnvelope(`${name}: so it can not be held.`);
      read = { ...read, sendLater };
    } else if (name === 'RET' && /^(?:full|hdrs)$/i.test(value ?? ''))
      read = { ...read, ret: /^full$/i.test(value ?? '') ? 'full' : 'hdrs' };
    else if (name === 'ENVID' && ENVID.test(value ?? '')) read = { ...read, envid: value ?? '' };
    else if (name !== 'SIZE' && name !== 'BODY' && name !== 'SMTPUTF8')
      throw badEnvelope(`${key.slice(0, 50)} is not known here, or not so.`);
  }
  return read;
}

/** RFC 3461 4.1, 4.2. @throws SetProblem invalidProperties */
function ofRecipient(given: Parameters): Omit<EnvelopeRecipient, 'address'> {
  let read: Omit<EnvelopeRecipient, 'address'> = {};
  for (const [key, value] of Object.entries(given)) {
    const name = key.toUpperCase();
    const notify = name === 'NOTIFY' ? notifyOf(value ?? '') : undefined;
    if (notify !== undefined) read = { ...read, notify };
    else if (name === 'ORCPT' && ORCPT.test(value ?? '')) read = { ...read, orcpt: value ?? '' };
    else throw badEnvelope(`${key.slice(0, 50)} is not known here, or not so.`);
  }
  return read;
}

function notifyOf(value: string): readonly NotifyOn[] | undefined {
  const words = value.toLowerCase().split(',');
  if (words.length === 1 && words[0] === 'never') return [];
  const known = words.filter((word): word is NotifyOn => word === 'success' || word === 'failure' || word === 'delay');
  return known.length === words.length ? [...new Set(known)] : undefined;
}

function parametersOf(given: GivenEnvelope | null | undefined): Pick<OutgoingEnvelope, 'parameters'> {
  const mailFrom = given?.mailFrom.parameters ?? null;
  const rcptTo = Object.fromEntries(
    given?.rcptTo.flatMap(({ email, parameters }) => (parameters ? [[email, parameters] as const] : [])) ?? [],
  );
  return mailFrom === null && Object.keys(rcptTo).length === 0 ? {} : { parameters: { mailFrom, rcptTo } };
}

function badEnvelope(description: string): SetProblem {
  return new SetProblem('invalidProperties', description, { properties: ['envelope'] });
}
