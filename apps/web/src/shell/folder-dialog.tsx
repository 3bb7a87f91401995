import { useId, useState, type ReactNode } from 'react';
import { useWords } from '../words/use-words.ts';
import type { MailboxNode } from './mailbox-tree.ts';
import { Modal } from './modal.tsx';
import { goTo } from './place.ts';
import { isRemovable } from './remove-folder.ts';
import { useFolderActions } from './use-folder-actions.ts';
import { useMailboxes } from './use-mailboxes.ts';

interface FolderDialogProps {
  /** Absent: a new one. */
  readonly node?: MailboxNode;
  readonly onClose: () => void;
}

/** A folder's name and place. */
export function FolderDialog({ node, onClose }: FolderDialogProps): ReactNode {
  const words = useWords();
  const tree = useMailboxes();
  const actions = useFolderActions();
  const id = useId();
  const [name, setName] = useState(node?.mailbox.name ?? '');
  const [parentId, setParentId] = useState(node?.mailbox.parentId ?? '');
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  // Not into itself, nor into what is in it.
  const own = new Set(node === undefined ? [] : [node, ...(tree?.below(node.mailbox.id) ?? [])].map(({ mailbox }) => mailbox.id));
  const parents = (tree?.nodes ?? []).filter(({ mailbox }) => !own.has(mailbox.id));
  const save = async (): Promise<void> => {
    const place = { name: name.trim(), parentId: parentId === '' ? null : parentId };
    const isTaken = (tree?.nodes ?? []).some(
      ({ mailbox }) =>
        mailbox.id !== node?.mailbox.id && mailbox.parentId === place.parentId && mailbox.name.toLowerCase() === place.name.toLowerCase(),
    );
    const isName = place.name !== '' && !place.name.includes('/');
    setProblem(isName ? (isTaken ? words.folders.taken : undefined) : words.folders.noName);
    if (!isName || isTaken) return;
    setIsBusy(true);
    const isSame = place.name === node?.mailbox.name && place.parentId === node.mailbox.parentId;
    const mailboxId = node === undefined ? await actions.create(place) : undefined;
    const isDone = node === undefined ? mailboxId !== undefined : isSame || (await actions.place(node, place));
    setIsBusy(false);
    if (!isDone) return;
    onClose();
    if (mailboxId !== undefined) goTo({ kind: 'mailbox', mailboxId });
  };
  const remove = async (): Promise<void> => {
    if (node === undefined) return;
    onClose();
    await actions.remove(node);
  };
  return (
    <Modal title={node === undefined ? words.folders.create : words.folders.change(node.label)} onClose={onClose}>
      <form
        className="folder-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label htmlFor={`${id}-name`}>{words.folders.name}</label>
        <input
          id={`${id}-name`}
          type="text"
          required
          maxLength={200}
          data-first-focus
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <label htmlFor={`${id}-parent`}>{words.folders.within}</label>
        <select id={`${id}-parent`} value={parentId} onChange={({ target }) => setParentId(target.value)}>
          <option value="">{words.folders.topLevel}</option>
          {parents.map(({ mailbox, path }) => (
            <option key={mailbox.id} value={mailbox.id}>
              {path}
            </option>
          ))}
        </select>
        <div role="alert">{problem === undefined ? null : <p className="problem">{problem}</p>}</div>
        <div className="modal-foot">
          {node !== undefined && tree !== undefined && isRemovable(node, tree) ? (
            <button type="button" className="quiet-button is-dangerous" onClick={() => void remove()}>
              {words.folders.remove}
            </button>
          ) : null}
          <span className="push" />
          <button type="button" className="quiet-button" onClick={onClose}>
            {words.app.cancel}
          </button>
          <button type="submit" className="primary-button" disabled={isBusy}>
            {words.app.save}
          </button>
        </div>
      </form>
    </Modal>
  );
}
