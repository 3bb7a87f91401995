import { asId, MailError, systemClock } from '@stopgap/core';
import { createImapServer } from '@stopgap/imap-server';
import { makeCertificate, type FakeStorage } from '@stopgap/testkit';
import type { PracticeAccount } from '../practice-provider.ts';
import { PracticeMail } from './practice-mail.ts';
import { practiceSession } from './practice-session.ts';

const HERE = { host: '127.0.0.1', port: 0 };
const LIMITS = { connections: 100, connectionsPerAddress: 100, connectionsPerAccount: 50 };

/** The provider's IMAP server: our own, on the storage of its webmail. */
export async function startPracticeImap(
  accounts: readonly PracticeAccount[],
  storageOf: (address: string) => FakeStorage,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const mail = new Map(accounts.map(({ address }) => [address, new PracticeMail(storageOf(address))]));
  const server = createImapServer({
    listen: { imap: HERE, imaps: false },
    tls: await makeCertificate({ name: 'imap.demo.test' }),
    plaintextAuth: 'loopback',
    limits: LIMITS,
    accounts: {
      logIn: async ({ address, password }) => {
        const found = accounts.find((one) => one.address === address.toLowerCase() && one.password === password.open());
        if (found === undefined) return { kind: 'refused' };
        const { address: own } = found;
        return { kind: 'accepted', account: asId.account(own), address: own, provider: asId.provider('practice'), addresses: [own] };
      },
    },
    openSession: async ({ address }) => {
      const found = mail.get(address);
      if (found === undefined) throw new MailError('permanent', 'nobody is called so', { code: 'mailbox-missing' });
      return practiceSession(found);
    },
    clock: systemClock,
    events: { failed: () => undefined },
  });
  await server.listen();
  return { port: server.addresses().imap?.port ?? 0, close: () => server.close({ graceMs: 0 }) };
}
