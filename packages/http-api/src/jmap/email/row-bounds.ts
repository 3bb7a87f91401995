import type { SearchQuery } from '@stopgap/mailbox';
import { flagBit, type MessageBounds } from '@stopgap/store';

/** A search that the message table answers by itself, as its bounds. Undefined: more is needed. */
export function rowBounds(query: SearchQuery): MessageBounds | undefined {
  const conditions = conjuncts(query);
  let bounds: MessageBounds = {};
  for (const one of conditions) {
    const more = boundsOf(one, bounds);
    if (more === undefined) return undefined;
    bounds = { ...bounds, ...more };
  }
  return bounds;
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

function conjuncts(query: SearchQuery): readonly SearchQuery[] {
  return query.kind === 'all' ? query.of.flatMap(conjuncts) : [query];
}
