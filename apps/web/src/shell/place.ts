/*
 * Where in the client a person is, as the part of the address behind `#`: the browser's back button works, a reload stays, and the server learns
 * nothing of it.
 */

export type Place =
  /** `mailboxId` undefined: the inbox. */
  | { readonly kind: 'mailbox'; readonly mailboxId: string | undefined; readonly messageId?: string }
  | { readonly kind: 'search'; readonly text: string; readonly messageId?: string }
  | { readonly kind: 'outbox' };

/** Where there is a list. */
export type ListPlace = Exclude<Place, { readonly kind: 'outbox' }>;

export function parsePlace(hash: string): Place {
  const [kind = '', main = '', messageId = ''] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  const message = messageId === '' ? {} : { messageId };
  if (kind === 'outbox') return { kind: 'outbox' };
  if (kind === 'search' && main !== '') return { kind: 'search', text: main, ...message };
  return { kind: 'mailbox', mailboxId: kind === 'mail' && main !== '' ? main : undefined, ...message };
}

export function hashOf(place: Place): string {
  if (place.kind === 'outbox') return '#/outbox';
  const main = place.kind === 'search' ? ['search', place.text] : ['mail', place.mailboxId ?? ''];
  const parts = place.messageId === undefined ? main : [...main, place.messageId];
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

/** The same list, with another message open or none. */
export function withMessage(place: ListPlace, messageId: string | undefined): ListPlace;
export function withMessage(place: Place, messageId: string | undefined): Place;
export function withMessage(place: Place, messageId: string | undefined): Place {
  if (place.kind === 'outbox') return place;
  const { messageId: _, ...list } = place;
  return messageId === undefined ? list : { ...list, messageId };
}

/** @param replaces the step back then leads past where one is now */
export function goTo(place: Place, { replaces = false } = {}): void {
  goToHash(hashOf(place), replaces);
}

/** A plain click on a link to a place leads there; others (to a new tab) are the browser's. */
export function followPlace(event: MouseEvent, link: HTMLAnchorElement): void {
  const { button, ctrlKey, metaKey, shiftKey, altKey } = event;
  if (button !== 0 || ctrlKey || metaKey || shiftKey || altKey) return;
  event.preventDefault();
  goToHash(link.hash, false);
}

/** Not by `location.hash`: that lays out the page, to look for an element of this name, and tells of it only in a task of its own. */
function goToHash(hash: string, replaces: boolean): void {
  if (replaces) history.replaceState(null, '', hash);
  else if (hash !== location.hash) history.pushState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
