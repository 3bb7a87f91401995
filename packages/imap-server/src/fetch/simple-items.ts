import type { Flag } from '@stopgap/core';
import type { FetchWanted, MessageData } from '../session.ts';
import { formatDateTime } from '../wire/date-time.ts';
import { flagList, textString } from '../wire/encode.ts';
import { bodyStructureText } from './body-structure.ts';
import { envelopeText } from './envelope.ts';
import type { FetchItem, SimpleItem } from './fetch-items.ts';

/** Sets of flags come from few arrays, which a session may use again. */
const flagTexts = new WeakMap<readonly Flag[], string>();

const OF_VIEW: readonly FetchItem['kind'][] = ['envelope', 'body', 'bodystructure', 'preview'];
const OF_ROW: readonly FetchItem['kind'][] = ['internaldate', 'size', 'emailid', 'threadid', 'savedate'];

/** What has to be asked for, so that these items can be told. */
export function detailFor(items: readonly FetchItem[]): Pick<FetchWanted, 'detail' | 'without'> {
  const has = (kinds: readonly FetchItem['kind'][]): boolean => items.some(({ kind }) => kinds.includes(kind));
  const without: NonNullable<FetchWanted['without']>[number][] = [];
  if (!has(['modseq'])) without.push('modSeq');
  if (!has(OF_ROW)) without.push('row');
  if (!has(['preview'])) without.push('preview');
  return { detail: has(OF_VIEW) ? 'view' : has(OF_ROW) ? 'row' : 'flags', without };
}

/** Name and value. */
export function simpleItemText(kind: SimpleItem, message: MessageData, isUtf8: boolean): string {
  const { row, view } = message;
  switch (kind) {
    case 'uid':
      return `UID ${message.uid}`;
    case 'flags':
      return `FLAGS ${flagsText(message.flags)}`;
    case 'modseq':
      return `MODSEQ (${message.modSeq})`;
    case 'internaldate':
      return `INTERNALDATE ${formatDateTime(row?.receivedAtMs ?? 0)}`;
    case 'size':
      return `RFC822.SIZE ${row?.sizeBytes ?? 0}`;
    case 'emailid':
      return `EMAILID (${row?.emailId ?? ''})`;
    case 'threadid':
      return row?.threadId === undefined ? 'THREADID NIL' : `THREADID (${row.threadId})`;
    case 'savedate':
      return row?.savedAtMs === undefined ? 'SAVEDATE NIL' : `SAVEDATE ${formatDateTime(row.savedAtMs)}`;
    case 'preview':
      return `PREVIEW ${view?.preview === undefined ? 'NIL' : textString(view.preview, isUtf8)}`;
    case 'envelope':
      return `ENVELOPE ${view === undefined ? 'NIL' : envelopeText(view.envelope(), isUtf8)}`;
    case 'body':
      return `BODY ${view === undefined ? 'NIL' : bodyStructureText(view.structure(), { isUtf8, isExtended: false })}`;
    case 'bodystructure':
      return `BODYSTRUCTURE ${view === undefined ? 'NIL' : bodyStructureText(view.structure(), { isUtf8, isExtended: true })}`;
    default:
      return kind satisfies never;
  }
}

function flagsText(flags: readonly Flag[]): string {
  let text = flagTexts.get(flags);
  if (text === undefined) flagTexts.set(flags, (text = flagList(flags)));
  return text;
}
