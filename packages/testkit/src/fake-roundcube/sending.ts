import type { FakeRoundcubeSwitches, OnSend } from './switches.ts';

export type SmtpAnswer = { readonly kind: 'ok' } | { readonly kind: 'error'; readonly text: string };

/** What rcube_smtp.php says, in the same words: one refused recipient refuses all. */
export async function sendBySmtp(
  mail: { readonly from: string; readonly to: readonly string[]; readonly raw: Buffer },
  switches: FakeRoundcubeSwitches,
  onSend: OnSend,
): Promise<SmtpAnswer> {
  if (switches.smtpDown) return { kind: 'error', text: 'SMTP Error (): Connection to server failed.' };
  for (const address of mail.to) {
    const refusal = switches.refusals.get(address.toLowerCase());
    if (refusal === undefined) continue;
    return { kind: 'error', text: `SMTP Error (${refusal.slice(0, 3)}): Failed to add recipient "${address}" (${refusal.slice(4)}).` };
  }
  if (switches.contentRefusal !== undefined)
    return { kind: 'error', text: `SMTP Error: [${switches.contentRefusal.slice(0, 3)}] ${switches.contentRefusal.slice(4)}` };
  await onSend(mail);
  // The mail server is gone after it took the message: nobody at the webmail knows.
  if (switches.smtpLost) return { kind: 'error', text: 'SMTP Error: [-1] ' };
  return { kind: 'ok' };
}

/** rcmail_sendmail::email_input_format, for plain addresses and `Name <address>`. */
export function addressList(text: string): string[] {
  return text
    .split(/[,;](?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((item) => /<([^<>]+)>\s*$/.exec(item.trim())?.[1] ?? item.trim())
    .filter((address) => address !== '');
}
