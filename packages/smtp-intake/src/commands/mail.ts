import { accountIdOf, isAscii, parseAddress } from '@stopgap/core';
import { futureRelease, isFutureRelease, type FutureRelease } from '@stopgap/outbox';
import type { Client, Transaction } from '../client.ts';
import { parsePathCommand, xtextParameter } from '../path-command.ts';
import { replies, type Reply } from '../replies.ts';
import type { Settings } from '../settings.ts';

/** RFC 3461 5.4 */
const LONGEST_ENVID = 100;
/** A log-in is looked up again when it is older: a removed account sends no more, and a busy client costs no query per message. */
const LOGIN_SEEN_MS = 1000;

/** RFC 5321 4.1.1.2; SIZE RFC 1870, BODY RFC 6152, SMTPUTF8 RFC 6531, RET and ENVID RFC 3461, AUTH RFC 4954 5, HOLDFOR and HOLDUNTIL RFC 4865. */
export function mail(line: string, client: Client, settings: Settings): Reply {
  if (!client.login) return client.mayLogIn ? replies.authFirst : replies.tlsFirst;
  if (client.transaction) return replies.nestedMail;
  if (!isStillThere(client, settings)) return replies.accountGone;
  const command = parsePathCommand(line, 'MAIL FROM:<address> [parameters]');
  if ('code' in command) return command;
  const parameters = readParameters(command.parameters, settings.clock.nowMs());
  if ('code' in parameters) return parameters;
  const fault = faultOfSender(command.path, parameters.smtpUtf8, client.login.addresses) ?? faultOfSize(parameters.sizeBytes, settings);
  if (fault) return fault;
  const { sizeBytes: _, ...kept } = parameters;
  client.transaction = { from: command.path, ...kept, recipients: new Map() };
  return replies.senderOk;
}

/** `<>` is for receipts (RFC 8098 3): only the header can bind it to an account then, and it does. */
function faultOfSender(sender: string, smtpUtf8: boolean, own: readonly string[]): Reply | undefined {
  if (sender === '') return undefined;
  if (!smtpUtf8 && !isAscii(sender)) return replies.needsSmtpUtf8;
  const address = parseAddress(sender);
  if (!address) return replies.badSender;
  return own.includes(accountIdOf(address)) ? undefined : replies.notYourSender;
}

function faultOfSize(sizeBytes: number, settings: Settings): Reply | undefined {
  if (sizeBytes > settings.limits.messageBytes) return replies.tooBig(settings.limits.messageBytes);
  return settings.roomFor(sizeBytes) ? undefined : replies.noRoom;
}

type Parameters = Omit<Transaction, 'from' | 'recipients'> & { readonly sizeBytes: number };

function readParameters(given: ReadonlyMap<string, string>, nowMs: number): Parameters | Reply {
  if (given.has('HOLDFOR') && given.has('HOLDUNTIL')) return replies.badParameter('HOLDFOR or HOLDUNTIL, not both');
  let parameters: Parameters = { smtpUtf8: false, eightBitMime: false, sizeBytes: 0 };
  for (const [name, value] of given) {
    const read = isFutureRelease(name) ? readHold(futureRelease(name, value, nowMs)) : readParameter(name, value);
    if ('code' in read) return read;
    parameters = { ...parameters, ...read };
  }
  return parameters;
}

function readParameter(name: string, value: string): Partial<Parameters> | Reply {
  switch (name) {
    case 'SIZE':
      return /^\d{1,20}$/.test(value) ? { sizeBytes: Number(value) } : replies.badParameter('SIZE is a number of bytes');
    case 'BODY':
      return /^(?:7BIT|8BITMIME)$/i.test(value) ? { eightBitMime: value.length === 8 } : replies.badParameter('BODY is 7BIT or 8BITMIME');
    case 'SMTPUTF8':
      return value === '' ? { smtpUtf8: true } : replies.badParameter('SMTPUTF8 has no value');
    case 'RET':
      return /^(?:FULL|HDRS)$/i.test(value)
        ? { ret: value.length === 4 && /^full$/i.test(value) ? 'full' : 'hdrs' }
        : replies.badParameter('RET is FULL or HDRS');
    case 'ENVID': {
      const envid = xtextParameter(value, LONGEST_ENVID);
      return envid === undefined ? replies.badParameter(`ENVID is xtext of at most ${LONGEST_ENVID} characters`) : { envid };
    }
    case 'AUTH':
      // RFC 4954 5: who submitted it first. We know who submits, and pass nothing on.
      return xtextParameter(value, 500) === undefined ? replies.badParameter('AUTH is xtext') : {};
    default:
      return replies.unknownParameter(name);
  }
}

function readHold(sendLater: FutureRelease | undefined): Pick<Parameters, 'sendLater'> | Reply {
  if (sendLater === undefined)
    return replies.badParameter('HOLDFOR is a number of seconds, HOLDUNTIL a date and time, within the limits of FUTURERELEASE');
  return { sendLater };
}

function isStillThere(client: Client, settings: Settings): boolean {
  const nowMs = performance.now();
  if (!client.login || nowMs - client.loginSeenMs < LOGIN_SEEN_MS) return client.login !== undefined;
  const addresses = settings.accounts.addressesOf(client.login.account);
  client.login = addresses && { ...client.login, addresses };
  client.loginSeenMs = nowMs;
  return addresses !== undefined;
}
