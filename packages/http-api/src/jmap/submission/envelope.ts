import { accountIdOf, isAscii, parseAddress, type Envelope } from '@stopgap/core';
import { z } from 'zod';
import type { DigestEnvelope } from '@stopgap/message';
import { SetProblem } from '../method-error.ts';
import type { CallContext } from '../method.ts';

/** RFC 4865 6: how far ahead. */
export const LONGEST_HOLD_S = 30 * 24 * 60 * 60;

const parameters = z.record(z.string(), z.string().nullable()).nullish();
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
  /** Undefined: at once. */
  readonly sendAtMs?: number;
}

/** As given, or out of To, Cc and Bcc (RFC 8621 7.5). @throws SetProblem */
export function envelopeOf(
  given: GivenEnvelope | null | undefined,
  message: DigestEnvelope,
  { context, identity }: { readonly context: CallContext; readonly identity: string },
): OutgoingEnvelope {
  const named = given?.rcptTo.map(({ email }) => email) ?? [...message.to, ...message.cc, ...message.bcc].map(({ address }) => address);
  const from = given?.mailFrom.email ?? identity;
  const sender = parseAddress(from);
  if (sender === undefined || !context.person.addresses.includes(accountIdOf(sender))) {
    throw new SetProblem('forbiddenMailFrom', 'You may send only as your own address.');
  }
  const hold = holdOf(given?.mailFrom.parameters ?? {}, context);
  const recipients = recipientsOf(named, context);
  const smtpUtf8 = !isAscii(from) || recipients.some(({ address }) => !isAscii(address));
  return { from, recipients, smtpUtf8, ...(hold === undefined ? {} : { sendAtMs: hold }) };
}

/** Named twice, one gets one copy: mail servers in use ignore the case of the local part. */
function recipientsOf(named: readonly string[], { deps, account }: CallContext): Envelope['recipients'] {
  const invalid = named.filter((address) => parseAddress(address) === undefined);
  if (invalid.length > 0)
    throw new SetProblem('invalidRecipients', 'Not every recipient is an address.', { invalidRecipients: invalid.slice(0, 100) });
  const recipients = new Map(
    named.flatMap((text) => {
      const address = parseAddress(text);
      return address === undefined ? [] : [[accountIdOf(address), { address: text }] as const];
    }),
  );
  if (recipients.size === 0) throw new SetProblem('noRecipients', 'Nobody is to get it.');
  if (recipients.size > deps.limits.recipients) throw new SetProblem('tooManyRecipients', '', { maxRecipients: deps.limits.recipients });
  if (!deps.accounts.takeRecipients(account, recipients.size)) {
    throw new SetProblem('forbiddenToSend', 'Too many recipients within an hour; try again later.');
  }
  return [...recipients.values()];
}

/** RFC 4865: HOLDFOR in seconds, HOLDUNTIL a date. SIZE, BODY and SMTPUTF8 we know better. @throws SetProblem invalidProperties */
function holdOf(given: Readonly<Record<string, string | null>>, { deps }: CallContext): number | undefined {
  const nowMs = deps.clock.nowMs();
  let atMs: number | undefined;
  for (const [name, value] of Object.entries(given)) {
    switch (name.toUpperCase()) {
      case 'HOLDFOR':
        atMs = nowMs + (/^\d{1,9}$/.test(value ?? '') ? Number(value) * 1000 : Number.NaN);
        break;
      case 'HOLDUNTIL':
        atMs = Date.parse(value ?? '');
        break;
      case 'SIZE':
      case 'BODY':
      case 'SMTPUTF8':
        break;
      default:
        throw badEnvelope(`${name.slice(0, 50)} is not known here.`);
    }
  }
  if (atMs === undefined || atMs <= nowMs) return undefined;
  if (Number.isNaN(atMs) || atMs > nowMs + LONGEST_HOLD_S * 1000) throw badEnvelope('So long it can not be held.');
  return atMs;
}

function badEnvelope(description: string): SetProblem {
  return new SetProblem('invalidProperties', description, { properties: ['envelope'] });
}
