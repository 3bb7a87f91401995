/* What the demo says, in both languages: only its bar needs it. */
import type { Language } from '../words/load-words.ts';
import { useSpeech } from '../words/use-words.ts';

const en = {
  title: 'Practice',
  works: 'The provider works. Break its mail servers (SMTP and IMAP), and see how you go on.',
  justBroken: 'SMTP and IMAP are dead. It is noticed in a moment.',
  broken: (name: string) => `SMTP and IMAP are dead. Write to ${name}, and follow your message in the Outbox.`,
  justHealed: 'Everything answers again. It is noticed in a moment.',
  break: 'Break the provider',
  heal: 'Heal the provider',
  breakWebmail: 'Break the webmail, too',
  allBroken: 'Everything is dead. What you send waits in the Outbox, and leaves when something answers.',
  write: (name: string) => `Write to ${name}`,
  mailboxOf: (name: string) => `${name}’s mailbox`,
};

export type DemoWords = typeof en;

const de: DemoWords = {
  title: 'Übung',
  works: 'Der Anbieter funktioniert. Legen Sie seine Mailserver (SMTP und IMAP) lahm und sehen Sie, wie es weitergeht.',
  justBroken: 'SMTP und IMAP sind tot. Gleich wird es bemerkt.',
  broken: (name) => `SMTP und IMAP sind tot. Schreiben Sie an ${name}, und sehen Sie in den Postausgang.`,
  justHealed: 'Alles antwortet wieder. Gleich wird es bemerkt.',
  break: 'Anbieter lahmlegen',
  heal: 'Anbieter reparieren',
  breakWebmail: 'Auch Webmail lahmlegen',
  allBroken: 'Alles ist tot. Was Sie senden, wartet im Postausgang und geht hinaus, sobald etwas antwortet.',
  write: (name) => `An ${name} schreiben`,
  mailboxOf: (name) => `Postfach ${name}`,
};

const WORDS: Readonly<Record<Language, DemoWords>> = { en, de };

export function useDemoWords(): DemoWords {
  return WORDS[useSpeech().language];
}
