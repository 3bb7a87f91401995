import { accountIdOf, isAscii, parseAddress, type EnvelopeRecipient, type NotifyOn } from '@stopgap/core';
import type { Client } from '../client.ts';
import { parsePathCommand, xtextParameter } from '../path-command.ts';
import { replies, type Reply } from '../replies.ts';
import type { Settings } from '../settings.ts';

/** RFC 3461 5.4 */
const LONGEST_ORCPT = 500;

/** RFC 5321 4.1.1.3; NOTIFY and ORCPT RFC 3461 4.1, 4.2. */
export function rcpt(line: string, client: Client, settings: Settings): Reply {
  const { transaction, login } = client;
  if (!login) return client.mayLogIn ? replies.authFirst : replies.tlsFirst;
  if (!transaction) return replies.mailFirst;
  const command = parsePathCommand(line, 'RCPT TO:<address> [parameters]');
  if ('code' in command) return command;
  const options = readParameters(command.parameters);
  if ('code' in options) return options;
  if (!transaction.smtpUtf8 && !isAscii(command.path)) return replies.needsSmtpUtf8;
  const address = parseAddress(command.path);
  if (!address) return replies.badRecipient;
  // Given twice, it gets one copy: mail servers in use ignore the case of the local part.
  const key = accountIdOf(address);
  if (transaction.recipients.has(key)) return replies.recipientOk;
  if (transaction.recipients.size >= settings.limits.recipients) return replies.tooManyRecipients;
  if (!settings.accounts.takeRecipients(login.account, 1)) return replies.tooManyThisHour;
  transaction.recipients.set(key, { address: command.path, ...options });
  return replies.recipientOk;
}

type Options = Omit<EnvelopeRecipient, 'address'>;

function readParameters(given: ReadonlyMap<string, string>): Options | Reply {
  let options: Options = {};
  for (const [name, value] of given) {
    if (name === 'NOTIFY') {
      const notify = readNotify(value);
      if (!notify) return replies.badParameter('NOTIFY is NEVER or some of SUCCESS,FAILURE,DELAY');
      options = { ...options, notify };
    } else if (name === 'ORCPT') {
      const orcpt = readOrcpt(value);
      if (orcpt === undefined) return replies.badParameter('ORCPT is addr-type;xtext');
      options = { ...options, orcpt };
    } else return replies.unknownParameter(name);
  }
  return options;
}

function readNotify(value: string): NotifyOn[] | undefined {
  const words = value.toLowerCase().split(',');
  if (words.length === 1 && words[0] === 'never') return [];
  const known = words.filter((word): word is NotifyOn => word === 'success' || word === 'failure' || word === 'delay');
  return known.length === words.length ? [...new Set(known)] : undefined;
}

function readOrcpt(value: string): string | undefined {
  const [, type, text] = /^([A-Za-z0-9-]+);(.+)$/.exec(value) ?? [];
  if (type === undefined || text === undefined) return undefined;
  const decoded = xtextParameter(text, LONGEST_ORCPT);
  return decoded === undefined ? undefined : `${type};${decoded}`;
}
