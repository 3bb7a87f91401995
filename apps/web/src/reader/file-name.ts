import type { BodyPart } from '../api/methods.ts';
import { plainText } from '../list/address-text.ts';

/** As it may be written to a disk: no folders, no tricks with the direction of writing. */
export function fileNameOf({ name }: Pick<BodyPart, 'name'>, unnamed: string): string {
  const clean = plainText(name ?? '')
    .replaceAll(/[/\\:*?"<>|]/g, '_')
    .replace(/^\.+/, '')
    .slice(-120);
  return clean === '' ? unnamed : clean;
}
