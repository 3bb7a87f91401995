import { deleteMailbox, emptyMailbox, type MailTx } from '@stopgap/mailbox';
import {
  deleteRemoteMailbox,
  deleteRemoteMessagesIn,
  findMailbox,
  isFilledHere,
  isKnownElsewhere,
  listMailboxesBelow,
  listMessageFlags,
  openIntentsOfMailbox,
  updateRemoteMailbox,
  type RemoteMailboxRow,
} from '@stopgap/store';
import type { Brake } from './brake.ts';
import { parsedBrake } from './brake-text.ts';
import { giveBack, tellGivenBack } from './give-back.ts';
import type { Round } from './round.ts';
import { withoutCursor } from './row-of.ts';

/** Not listed any more. The second time it goes here too, if it holds nothing that is not somewhere else as well; else a person decides (law 13). */
export function missMailboxes(mail: MailTx, round: Round, rows: readonly RemoteMailboxRow[]): void {
  for (const row of rows) miss(mail, round, row);
}

function miss(mail: MailTx, { deps, path, report }: Round, row: RemoteMailboxRow): void {
  const { tx, nowMs } = mail;
  // What was put into it here makes it anew there.
  if (openIntentsOfMailbox(tx, row.mailbox).length > 0 || isFilledHere(tx, row.mailbox)) return;
  if (row.missedAtMs === undefined || row.missedAtMs > nowMs) return updateRemoteMailbox(tx, { ...row, missedAtMs: nowMs });
  if (nowMs - row.missedAtMs < deps.settings.confirmAfterMs) return;
  const local = findMailbox(tx, row.mailbox);
  if (!local || local.name === 'INBOX') return;
  const brake = parsedBrake(row.brake);
  const onlyHere = listMessageFlags(tx, local.id).filter((message) => !isKnownElsewhere(tx, message.id));
  if (brake?.state === 'given-back') {
    const messages = listMessageFlags(tx, local.id).map((message) => message.id);
    deleteRemoteMailbox(tx, row.id);
    giveBack(mail, messages);
    tellGivenBack(report, local.name, messages.length);
  } else if (onlyHere.length === 0 || brake?.state === 'released') {
    report.found({ expunged: local.total });
    if (listMailboxesBelow(tx, mail.account, local.name).length > 0) return keepName(mail, row);
    deleteRemoteMailbox(tx, row.id);
    deleteMailbox(mail, local.id, 'upstream');
  } else if (!brake || brake.gone === 0) {
    const held: Brake = { state: 'held', sinceMs: nowMs, gone: onlyHere.length, of: local.total };
    updateRemoteMailbox(tx, { ...row, brake: JSON.stringify(held) });
    deps.events.deletionsHeld({ account: mail.account, path: path.id, mailbox: local.name, gone: held.gone, of: held.of });
  }
}

/** Those below it need it; when they have gone, it is missed still. */
function keepName(mail: MailTx, row: RemoteMailboxRow): void {
  const { brake, ...unbraked } = withoutCursor(row);
  if (brake === undefined && findMailbox(mail.tx, row.mailbox)?.total === 0) return;
  emptyMailbox(mail, row.mailbox, 'upstream');
  deleteRemoteMessagesIn(mail.tx, row.id);
  updateRemoteMailbox(mail.tx, unbraked);
}
