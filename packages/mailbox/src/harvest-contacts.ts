import type { DigestEnvelope, DigestMailbox } from '@stopgap/message';
import { meetContact, type MailboxRow } from '@stopgap/store';
import type { MailTx } from './mail-tx.ts';

/** Of one message: those of a message to a crowd are nobody's contacts. */
const MOST_CONTACTS = 50;
/** RFC 5321 4.5.3.1.3. */
const ADDRESS_CHARACTERS = 254;
const NAME_CHARACTERS = 100;
const ADDRESS = /^[^\s@<>"(),:;\\]+@[^\s@<>"(),:;\\]+$/;

/** Whom the owner knows, at arrival: who wrote to them, and whom they wrote to. Junk is from nobody they know, and a draft to nobody yet. */
export function harvestContacts(mail: MailTx, mailbox: MailboxRow, envelope: DigestEnvelope, receivedAtMs: number): void {
  if (mailbox.role === 'junk' || mailbox.role === 'drafts' || mailbox.role === 'trash') return;
  const as = mailbox.role === 'sent' ? 'sent' : 'received';
  const met = new Map<string, string>();
  for (const one of as === 'sent' ? [...envelope.to, ...envelope.cc] : envelope.from) meet(met, one);
  met.delete(mail.account);
  if (met.size > MOST_CONTACTS) return;
  for (const [address, name] of met) meetContact(mail.tx, mail.account, { address, name, as, atMs: receivedAtMs });
}

function meet(met: Map<string, string>, { address, name }: DigestMailbox): void {
  const lower = address.toLowerCase();
  if (lower.length > ADDRESS_CHARACTERS || !ADDRESS.test(lower) || met.has(lower)) return;
  const text = name
    .replaceAll(/[\s\x00-\x1f\x7f]+/g, ' ')
    .trim()
    .slice(0, NAME_CHARACTERS);
  met.set(lower, text.toLowerCase() === lower ? '' : text);
}
