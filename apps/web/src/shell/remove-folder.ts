/* What a folder that is deleted becomes. Loaded when one is, with its words in each language. */
import type { Jmap } from '../api/jmap.ts';
import type { Words } from '../words/en.ts';
import type { Language } from '../words/load-words.ts';
import type { Ask } from './ask.tsx';
import type { MailboxNode, MailboxTree } from './mailbox-tree.ts';
import { goTo, parsePlace } from './place.ts';
import { removeForGood } from './remove-for-good.ts';
import type { Toasts } from './toasts.tsx';
import type { FolderActions } from './use-folder-actions.ts';

export interface RemovingFolder extends Pick<FolderActions, 'place'> {
  readonly jmap: Jmap;
  readonly tree: MailboxTree;
  readonly ask: Ask;
  readonly toasts: Toasts;
  readonly words: Words;
  readonly language: Language;
  readonly untilCarried: () => Promise<void>;
}

/** False: it is still where it was, and that was told, or meant. */
export async function removeFolder(node: MailboxNode, around: RemovingFolder): Promise<boolean> {
  const { tree } = around;
  if (!isRemovable(node, tree)) return false;
  const trash = tree.byRole('trash');
  const below = tree.below(node.mailbox.id);
  const isForGood = trash === undefined || tree.below(trash.mailbox.id).some(({ mailbox }) => mailbox.id === node.mailbox.id);
  const isDone = isForGood ? await forGood(node, below, around) : await intoTrash(node, { below, trash }, around);
  const here = parsePlace(location.hash);
  const isHere = here.kind === 'mailbox' && [node, ...below].some(({ mailbox }) => mailbox.id === here.mailboxId);
  if (isDone && isHere) goTo({ kind: 'mailbox', mailboxId: undefined });
  return isDone;
}

/** Folders that everything relies on stay, and so does what they are in. */
export function isRemovable(node: MailboxNode, tree: MailboxTree): boolean {
  return [node, ...tree.below(node.mailbox.id)].every(({ mailbox }) => mailbox.role === null);
}

async function intoTrash(
  node: MailboxNode,
  { below, trash }: { readonly below: readonly MailboxNode[]; readonly trash: MailboxNode },
  { tree, ask, place, toasts, words, language }: RemovingFolder,
): Promise<boolean> {
  const { question, removed } = WORDS[language];
  const { name, parentId } = node.mailbox;
  const messages = [node, ...below].reduce((sum, { mailbox }) => sum + mailbox.totalEmails, 0);
  if (!(await ask({ text: question(node.label, messages), yes: words.folders.remove }))) return false;
  const isDone = await place(node, { name: freeName(name, trash, tree), parentId: trash.mailbox.id });
  if (!isDone) return false;
  const undo = async (): Promise<void> => {
    if (await place(node, { name, parentId })) toasts.show({ text: words.done.undone, yields: true });
  };
  toasts.show({ text: removed(node.label), action: { label: words.app.undo, run: () => void undo() } });
  return true;
}

async function forGood(
  node: MailboxNode,
  below: readonly MailboxNode[],
  { jmap, untilCarried, ask, toasts, words, language }: RemovingFolder,
): Promise<boolean> {
  const { forGoodQuestion, removed, stays } = WORDS[language];
  const end = await removeForGood(
    [...below.toReversed(), node].map(({ mailbox }) => mailbox.id),
    {
      jmap,
      untilCarried,
      isMeant: (count) => ask({ text: forGoodQuestion(node.label, count), yes: words.act.removeForGood }),
    },
  );
  if (end === 'removed') toasts.show({ text: removed(node.label) });
  if (end === 'stays') toasts.show({ text: stays(node.label), kind: 'failed' });
  return end === 'removed';
}

/** Another one of its name may lie in the trash already. */
function freeName(name: string, parent: MailboxNode, tree: MailboxTree): string {
  const taken = new Set(tree.below(parent.mailbox.id).map(({ mailbox }) => mailbox.name.toLowerCase()));
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${name} ${number}`;
  return free;
}

interface RemovalWords {
  readonly removed: (name: string) => string;
  readonly question: (name: string, messages: number) => string;
  readonly forGoodQuestion: (name: string, messages: number) => string;
  readonly stays: (name: string) => string;
}

const WORDS: Readonly<Record<Language, RemovalWords>> = {
  en: {
    removed: (name) => `Folder “${name}” deleted`,
    question: (name, messages) =>
      `Delete the folder “${name}”? It goes to the trash ${messages === 0 ? 'and' : messages === 1 ? 'with its message and' : `with its ${messages} messages and`} can be brought back from there.`,
    forGoodQuestion: (name, messages) =>
      messages === 0
        ? `Delete the folder “${name}” for good? It is empty.`
        : `Delete the folder “${name}” and the ${messages === 1 ? 'message' : `${messages} messages`} in it for good?`,
    stays: (name) => `The folder “${name}” stays: there is something in it that you were not asked about.`,
  },
  de: {
    removed: (name) => `Ordner „${name}“ gelöscht`,
    question: (name, messages) =>
      `Den Ordner „${name}“ löschen? Er kommt ${messages === 0 ? '' : messages === 1 ? 'mit seiner Nachricht ' : `mit seinen ${messages} Nachrichten `}in den Papierkorb und kann von dort zurückgeholt werden.`,
    forGoodQuestion: (name, messages) =>
      messages === 0
        ? `Den Ordner „${name}“ endgültig löschen? Er ist leer.`
        : `Den Ordner „${name}“ und ${messages === 1 ? 'die Nachricht' : `die ${messages} Nachrichten`} darin endgültig löschen?`,
    stays: (name) => `Der Ordner „${name}“ bleibt: Darin ist etwas, nach dem Sie nicht gefragt wurden.`,
  },
};
