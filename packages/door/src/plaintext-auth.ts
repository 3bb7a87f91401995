import { isLoopback } from '@stopgap/config';

export type PlaintextAuth = 'never' | 'loopback' | 'always';

/** May a password be taken over this connection as it is now? */
export function mayLogIn(
  connection: { readonly isSecure: boolean; readonly remoteAddress: string },
  plaintextAuth: PlaintextAuth,
): boolean {
  return connection.isSecure || plaintextAuth === 'always' || (plaintextAuth === 'loopback' && isLoopback(connection.remoteAddress));
}
