/* What the settings say, in both languages: only who opens them needs it. */
import type { Language } from '../words/load-words.ts';
import { useSpeech } from '../words/use-words.ts';

const en = {
  language: 'Language',
  theme: 'Appearance',
  themes: { system: 'As the device', light: 'Light', dark: 'Dark' },
  signature: 'Signature',
  signatureHint: 'Put under new messages, on each of your devices.',
  name: 'Your name, as recipients see it',
  writing: 'New messages as',
  account: 'Account',
  logOut: 'Log out',
  logOutEverywhere: 'Log out everywhere',
  logOutEverywhereHint: 'Ends every session of this account in all browsers.',
  programs: 'Set up your mail program',
  places: 'Where you are logged in',
  thisBrowser: 'this browser',
  lastUsed: (when: string) => `last used ${when}`,
  end: 'Log out there',
  endOf: (what: string) => `Log out there: ${what}`,
  ended: 'Logged out there.',
  placesFailed: 'The list could not be loaded.',
  unknownBrowser: 'A browser',
  browserOn: (browser: string, system: string) => `${browser} on ${system}`,
  lists: 'Lists',
  showsConversations: 'Messages of a conversation as one line',
  keys: 'Keyboard',
  hasShortcuts: 'Single keys as shortcuts (? shows them)',
};

const de: SettingsWords = {
  language: 'Sprache',
  theme: 'Aussehen',
  themes: { system: 'Wie das Gerät', light: 'Hell', dark: 'Dunkel' },
  signature: 'Signatur',
  signatureHint: 'Steht unter neuen E-Mails, auf jedem Ihrer Geräte.',
  name: 'Ihr Name, wie ihn Empfänger sehen',
  writing: 'Neue E-Mails als',
  account: 'Konto',
  logOut: 'Abmelden',
  logOutEverywhere: 'Überall abmelden',
  logOutEverywhereHint: 'Beendet jede Sitzung dieses Kontos in allen Browsern.',
  programs: 'Mailprogramm einrichten',
  places: 'Wo Sie angemeldet sind',
  thisBrowser: 'dieser Browser',
  lastUsed: (when) => `zuletzt benutzt ${when}`,
  end: 'Dort abmelden',
  endOf: (what) => `Dort abmelden: ${what}`,
  ended: 'Dort abgemeldet.',
  placesFailed: 'Die Liste konnte nicht geladen werden.',
  unknownBrowser: 'Ein Browser',
  browserOn: (browser, system) => `${browser} auf ${system}`,
  lists: 'Listen',
  showsConversations: 'Nachrichten einer Unterhaltung in einer Zeile',
  keys: 'Tastatur',
  hasShortcuts: 'Einzelne Tasten als Kürzel (? zeigt sie)',
};

export type SettingsWords = typeof en;

const WORDS: Readonly<Record<Language, SettingsWords>> = { en, de };

export function useSettingsWords(): SettingsWords {
  return WORDS[useSpeech().language];
}
