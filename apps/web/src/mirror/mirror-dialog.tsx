import { useQuery } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import type { MirrorState } from '../api/outbox.ts';
import type { UncarriedChange } from '../api/outbox-methods.ts';
import { plainText } from '../list/address-text.ts';
import { reasonText } from '../outbox/reason-text.ts';
import type { MailboxTree } from '../shell/mailbox-tree.ts';
import { Modal } from '../shell/modal.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { hashOf } from '../shell/place.ts';
import { Failed, Loading } from '../shell/states.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { useSpeech } from '../words/use-words.ts';
import { changeText } from './change-text.ts';
import { listUncarried, noteSeen } from './uncarried.ts';
import { MIRROR_WORDS } from './words.ts';

interface MirrorDialogProps {
  readonly mirror: MirrorState;
  readonly onClose: () => void;
}

/** Where the mailbox here and that of the provider are not the same, and why. */
export function MirrorDialog({ mirror: { held, notCarriedBack }, onClose }: MirrorDialogProps): ReactNode {
  const { language, formats } = useSpeech();
  const tree = useMailboxes();
  const said = MIRROR_WORDS[language];
  return (
    <Modal title={said.title} onClose={onClose}>
      {held.length === 0 ? null : (
        <section className="mirror-part">
          <h3>{said.heldTitle}</h3>
          <ul>
            {held.map(({ mailbox, gone, of, since }) => (
              <li key={`${mailbox} ${since}`}>
                {said.heldIn(labelOf(tree, mailbox), formats.number(gone), formats.number(of), formats.moment(since))}
              </li>
            ))}
          </ul>
          <p>{said.heldText}</p>
        </section>
      )}
      {notCarriedBack.last === null ? null : (
        <section className="mirror-part">
          <h3>{said.uncarriedTitle}</h3>
          <p>{said.uncarriedText}</p>
          <Uncarried count={notCarriedBack.count} last={notCarriedBack.last} onFollow={onClose} />
        </section>
      )}
    </Modal>
  );
}

interface UncarriedProps {
  readonly count: number;
  readonly last: string;
  /** Somebody goes to one of them. */
  readonly onFollow: () => void;
}

function Uncarried({ count, last, onFollow }: UncarriedProps): ReactNode {
  const jmap = useJmap();
  const { words, language } = useSpeech();
  const { data, isError, refetch } = useQuery({
    queryKey: ['uncarried', last],
    queryFn: ({ signal }) => listUncarried(jmap, signal),
    refetchInterval: false,
  });
  useEffect(() => {
    if (data !== undefined) noteSeen(last);
  }, [data, last]);
  if (data === undefined) {
    return isError ? <Failed text={words.list.failed} onRetry={() => void refetch()} /> : <Loading label={words.app.loading} />;
  }
  return (
    <>
      {data.length < count ? <p>{MIRROR_WORDS[language].newest(data.length)}</p> : null}
      <ul>
        {data.map((change) => (
          <ChangeLine key={change.id} change={change} onFollow={onFollow} />
        ))}
      </ul>
    </>
  );
}

function ChangeLine({ change, onFollow }: { readonly change: UncarriedChange } & Pick<UncarriedProps, 'onFollow'>): ReactNode {
  const { language, formats } = useSpeech();
  const tree = useMailboxes();
  const said = MIRROR_WORDS[language];
  const { at, emailId, subject, mailboxId, mailbox, reason, reasonClass } = change;
  const why = reasonClass === 'cancelled' ? said.decided : reasonText(reasonClass, language);
  const where = mailbox === null ? '' : labelOf(tree, mailbox);
  return (
    <li>
      <strong dir="auto">{changeText(change, said, (name) => labelOf(tree, name))}</strong>
      <span className="outbox-facts">{formats.moment(at)}</span>
      <p>
        {why === undefined ? null : `${why} `}
        {reason === null ? null : <span lang="en">{plainText(reason)}</span>}
      </p>
      {emailId !== null && mailboxId !== null ? (
        <p>
          {said.isIn}{' '}
          <a href={hashOf({ kind: 'mailbox', mailboxId, messageId: emailId })} onClick={onFollow}>
            {where}
          </a>
          .
        </p>
      ) : subject === null || where === '' ? null : (
        <p>{said.wasIn(where)}</p>
      )}
    </li>
  );
}

/** As the list of folders calls it. */
function labelOf(tree: MailboxTree | undefined, name: string): string {
  // By JMAP it has a name for people.
  const node = name === 'INBOX' ? tree?.byRole('inbox') : tree?.nodes.find(({ mailbox, depth }) => depth === 0 && mailbox.name === name);
  return plainText(node?.label ?? name);
}
