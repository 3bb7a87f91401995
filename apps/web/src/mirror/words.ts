/* What is seldom true of a mailbox: both languages stand here, and cost the first screen nothing. */
import type { Language } from '../words/load-words.ts';

const en = {
  refused: (time: string) => `Your provider refuses your password since ${time}.`,
  refusedSo:
    'New mail does not come in, and what you send may have to wait. If you changed the password there, log out here and log in with the new one.',
  held: (count: number, shown: string) =>
    count === 1 ? '1 message is gone at your provider and kept here.' : `${shown} messages are gone at your provider and kept here.`,
  heldSo: 'It may be a fault there, so nothing was deleted here. Whoever runs this service can let them go.',
  heldTitle: 'Gone at your provider, kept here',
  heldText:
    'So many at once may be a fault at your provider, so they stay here. If you deleted them yourself, or if your provider is to have them again, ask whoever runs this service: the commands for it are “stopgap mirror release” and “stopgap mirror give-back”.',
  heldIn: (where: string, gone: string, of: string, since: string) => `${where}: ${gone} of ${of} messages, since ${since}`,
  uncarried: (count: number) =>
    count === 1 ? '1 change could not be made at your provider.' : `${count} changes could not be made at your provider.`,
  uncarriedSo: 'No mail is lost by it.',
  title: 'Your mailbox and that of your provider',
  uncarriedTitle: 'Changes that your provider did not take',
  uncarriedText: 'You made them here, and they could not be made there, or were decided otherwise meanwhile.',
  newest: (count: number) => `The last ${count} of them:`,
  isIn: 'The message is in',
  wasIn: (where: string) => `The message was in ${where}.`,
  aMessage: 'a message',
  what: {
    append: (what: string) => `Saving ${what}`,
    move: (what: string, to: string) => `Moving ${what} to ${to}`,
    flags: (what: string) => `Marking ${what}`,
    expunge: (what: string) => `Deleting ${what}`,
    'create-mailbox': (folder: string) => `Creating the folder ${folder}`,
    'rename-mailbox': (folder: string, to: string) => `Renaming the folder ${folder} to ${to}`,
    'delete-mailbox': (folder: string) => `Deleting the folder ${folder}`,
    subscribe: (folder: string) => `Showing or hiding the folder ${folder}`,
  },
  quoted: (text: string) => `“${text}”`,
  /** Of a decision, not of an error. */
  decided: undefined as string | undefined,
};

export type MirrorWords = typeof en;

const de: MirrorWords = {
  refused: (time) => `Ihr Anbieter weist Ihr Passwort seit ${time} ab.`,
  refusedSo:
    'Neue Mails kommen nicht herein, und was Sie senden, muss vielleicht warten. Haben Sie das Passwort dort geändert, melden Sie sich hier ab und mit dem neuen wieder an.',
  held: (count, shown) =>
    count === 1
      ? '1 E-Mail fehlt bei Ihrem Anbieter und bleibt hier erhalten.'
      : `${shown} E-Mails fehlen bei Ihrem Anbieter und bleiben hier erhalten.`,
  heldSo: 'Das kann ein Fehler dort sein, deshalb wurde hier nichts gelöscht. Wer diesen Dienst betreibt, kann sie freigeben.',
  heldTitle: 'Beim Anbieter verschwunden, hier erhalten',
  heldText:
    'So viele auf einmal können ein Fehler beim Anbieter sein, deshalb bleiben sie hier. Haben Sie sie selbst gelöscht, oder soll Ihr Anbieter sie wieder bekommen, dann fragen Sie, wer diesen Dienst betreibt: Die Befehle dafür sind „stopgap mirror release“ und „stopgap mirror give-back“.',
  heldIn: (where, gone, of, since) => `${where}: ${gone} von ${of} E-Mails, seit ${since}`,
  uncarried: (count) =>
    count === 1 ? '1 Änderung hat Ihr Anbieter nicht übernommen.' : `${count} Änderungen hat Ihr Anbieter nicht übernommen.`,
  uncarriedSo: 'Es ist keine E-Mail dabei verloren.',
  title: 'Ihr Postfach und das beim Anbieter',
  uncarriedTitle: 'Änderungen, die Ihr Anbieter nicht übernahm',
  uncarriedText: 'Sie haben sie hier gemacht; dort gingen sie nicht, oder es wurde inzwischen anders entschieden.',
  newest: (count) => `Die letzten ${count} davon:`,
  isIn: 'Die E-Mail ist in',
  wasIn: (where) => `Die E-Mail war in ${where}.`,
  aMessage: 'eine E-Mail',
  what: {
    append: (what) => `${what} ablegen`,
    move: (what, to) => `${what} nach ${to} verschieben`,
    flags: (what) => `${what} kennzeichnen`,
    expunge: (what) => `${what} löschen`,
    'create-mailbox': (folder) => `Ordner ${folder} anlegen`,
    'rename-mailbox': (folder, to) => `Ordner ${folder} in ${to} umbenennen`,
    'delete-mailbox': (folder) => `Ordner ${folder} löschen`,
    subscribe: (folder) => `Ordner ${folder} ein- oder ausblenden`,
  },
  quoted: (text) => `„${text}“`,
  decided: 'Dort war es inzwischen anders.',
};

export const MIRROR_WORDS: Readonly<Record<Language, MirrorWords>> = { en, de };
