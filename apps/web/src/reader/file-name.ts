import type { BodyPart } from '../api/methods.ts';
import { plainText } from '../list/address-text.ts';

/** By its ending a file is opened, and mail programs give no name to what they attach of mail, calendars and pictures. */
const UNNAMED: ReadonlyMap<string, string> = new Map([
  ['text/calendar', 'event.ics'],
  ['message/rfc822', 'message.eml'],
  ['application/pdf', 'document.pdf'],
  ['image/jpeg', 'image.jpg'],
  ['image/png', 'image.png'],
]);

export function partNameOf({ name, type }: Pick<BodyPart, 'name' | 'type'>, unnamed: string): string {
  return fileNameOf({ name }, UNNAMED.get(type.toLowerCase()) ?? unnamed);
}

/** As it may be written to a disk: no folders, no tricks with the direction of writing. */
export function fileNameOf({ name }: Pick<BodyPart, 'name'>, unnamed: string): string {
  const clean = plainText(name ?? '')
    .replaceAll(/[/\\:*?"<>|]/g, '_')
    .replace(/^\.+/, '')
    .slice(-120);
  return clean === '' ? unnamed : clean;
}
