import type { AccountId } from '@stopgap/core';
import { addressesOf, type AccountRow, type Reader } from '@stopgap/store';

/** Lower case. Its own address is always among them, even when it was another account's alias first. */
export function sendingAddresses(reader: Reader, account: Pick<AccountRow, 'address'> & { readonly id: AccountId }): string[] {
  return [...new Set([account.address.toLowerCase(), ...addressesOf(reader, account.id)])];
}
