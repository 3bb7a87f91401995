import { flagBit, type MessageBounds } from '@stopgap/store';
import { conjuncts, type SearchQuery } from './query.ts';

/** What the message table answers of a search by itself. `isWhole`: all of it; else what it lets through must be checked. */
export function tableBounds(query: SearchQuery): { readonly bounds: MessageBounds; readonly isWhole: boolean } {
  let bounds: MessageBounds = {};
  let isWhole = true;
  for (const one of conjuncts(query)) {
    const more = boundsOf(one, bounds);
    if (more === undefined) isWhole = false;
    else bounds = { ...bounds, ...more };
  }
  return { bounds, isWhole };
}

function boundsOf(one: SearchQuery, so: MessageBounds): MessageBounds | undefined {
  if (one.kind === 'mailbox') {
    const [mailbox, ...others] = one.of;
    return mailbox === undefined || others.length > 0 || (so.mailbox !== undefined && so.mailbox !== mailbox) ? undefined : { mailbox };
  }
  if (one.kind === 'received') {
    return {
      receivedFromMs: Math.max(so.receivedFromMs ?? Number.MIN_SAFE_INTEGER, one.fromMs ?? Number.MIN_SAFE_INTEGER),
      receivedUntilMs: Math.min(so.receivedUntilMs ?? Number.MAX_SAFE_INTEGER, one.untilMs ?? Number.MAX_SAFE_INTEGER),
    };
  }
  if (one.kind === 'size') {
    return {
      sizeFromBytes: Math.max(so.sizeFromBytes ?? 0, one.fromBytes ?? 0),
      sizeUntilBytes: Math.min(so.sizeUntilBytes ?? Number.MAX_SAFE_INTEGER, one.untilBytes ?? Number.MAX_SAFE_INTEGER),
    };
  }
  const bit = one.kind === 'flag' ? flagBit(one.flag) : one.kind === 'not' && one.of.kind === 'flag' ? flagBit(one.of.flag) : undefined;
  if (bit === undefined) return undefined;
  return one.kind === 'flag' ? { flagsSet: (so.flagsSet ?? 0) | bit } : { flagsUnset: (so.flagsUnset ?? 0) | bit };
}
