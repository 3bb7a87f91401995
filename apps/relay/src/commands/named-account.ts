import { accountIdOf, MailError, parseAddress } from '@stopgap/core';
import { findAccount, listAccounts, type AccountRow, type Reader } from '@stopgap/store';

/** Of one, or of all. @throws when there is no such account */
export function accountsOf(reader: Reader, address: string | undefined): readonly AccountRow[] {
  return address === undefined ? listAccounts(reader) : [accountOf(reader, address)];
}

export function accountOf(reader: Reader, text: string): AccountRow {
  const address = parseAddress(text);
  if (!address) throw new MailError('permanent', `"${text}" is not a mail address.`, { code: 'usage' });
  const account = findAccount(reader, accountIdOf(address));
  if (account) return account;
  throw new MailError('permanent', `There is no account ${text}. "stopgap account list" shows them.`, { code: 'not-there' });
}
