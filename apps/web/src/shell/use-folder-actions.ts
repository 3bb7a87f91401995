import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { createMailbox, placeMailbox, type MailboxPlace } from '../api/mailboxes.ts';
import { usePost } from '../offline/post-around.tsx';
import { untilLoaded } from '../offline/until-loaded.ts';
import { useSpeech } from '../words/use-words.ts';
import { useAsk } from './ask.tsx';
import { failureText } from './failure-text.ts';
import { useJmap } from './mail-session.tsx';
import type { MailboxNode, MailboxTree } from './mailbox-tree.ts';
import { goTo, parsePlace } from './place.ts';
import { useToasts } from './toasts.tsx';
import { useMailboxes } from './use-mailboxes.ts';

export interface FolderActions {
  /** Gives its id; undefined: it was not done, and that was told. */
  readonly create: (place: MailboxPlace) => Promise<string | undefined>;
  /** Another name, or another folder around it. False: it was not done, and that was told. */
  readonly place: (node: MailboxNode, place: MailboxPlace) => Promise<boolean>;
  /** Asks first. Into the trash with everything in it, from where it can be brought back; what is there already goes for good. */
  readonly remove: (node: MailboxNode) => Promise<boolean>;
}

export function useFolderActions(): FolderActions {
  const jmap = useJmap();
  const client = useQueryClient();
  const tree = useMailboxes();
  const toasts = useToasts();
  const ask = useAsk();
  const { words, language } = useSpeech();
  const { ready } = usePost();

  return useMemo(() => {
    const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        toasts.show({ text: failureText(error, words), kind: 'failed' });
        return undefined;
      } finally {
        await client.invalidateQueries({ queryKey: ['mailboxes'] });
      }
    };
    const place: FolderActions['place'] = async ({ mailbox }, where) =>
      (await attempt(async () => {
        await placeMailbox(jmap, mailbox.id, where);
        return true;
      })) ?? false;
    const intoTrash = async (node: MailboxNode, below: readonly MailboxNode[], trash: MailboxNode): Promise<boolean> => {
      const { name, parentId } = node.mailbox;
      const messages = [node, ...below].reduce((sum, { mailbox }) => sum + mailbox.totalEmails, 0);
      if (!(await ask({ text: words.folders.removeQuestion(node.label, messages), yes: words.folders.remove }))) return false;
      const isDone = await place(node, { name: freeName(name, trash, tree), parentId: trash.mailbox.id });
      if (!isDone) return false;
      const undo = async (): Promise<void> => {
        if (await place(node, { name, parentId })) toasts.show({ text: words.done.undone, yields: true });
      };
      toasts.show({ text: words.folders.removed(node.label), action: { label: words.app.undo, run: () => void undo() } });
      return true;
    };
    const forGood = async (node: MailboxNode, below: readonly MailboxNode[]): Promise<boolean> =>
      (await attempt(async () => {
        const { removeForGood, REMOVAL_WORDS } = await untilLoaded(() => import('./remove-for-good.ts'));
        const { question, stays } = REMOVAL_WORDS[language];
        const end = await removeForGood(
          [...below.toReversed(), node].map(({ mailbox }) => mailbox.id),
          {
            jmap,
            untilCarried: async () => (await ready()).filings.untilCarried(),
            isMeant: (count) => ask({ text: question(node.label, count), yes: words.act.removeForGood }),
          },
        );
        if (end === 'removed') toasts.show({ text: words.folders.removed(node.label) });
        if (end === 'stays') toasts.show({ text: stays(node.label), kind: 'failed' });
        return end === 'removed';
      })) ?? false;
    return {
      create: (where) => attempt(() => createMailbox(jmap, where)),
      place,
      async remove(node) {
        if (tree === undefined || !isRemovable(node, tree)) return false;
        const trash = tree.byRole('trash');
        const below = tree.below(node.mailbox.id);
        const isForGood = trash === undefined || tree.below(trash.mailbox.id).some(({ mailbox }) => mailbox.id === node.mailbox.id);
        const isDone = isForGood ? await forGood(node, below) : await intoTrash(node, below, trash);
        const here = parsePlace(location.hash);
        const isHere = here.kind === 'mailbox' && [node, ...below].some(({ mailbox }) => mailbox.id === here.mailboxId);
        if (isDone && isHere) goTo({ kind: 'mailbox', mailboxId: undefined });
        return isDone;
      },
    };
  }, [jmap, client, tree, toasts, ask, words, language, ready]);
}

/** Folders that everything relies on stay, and so does what they are in. */
export function isRemovable(node: MailboxNode, tree: MailboxTree): boolean {
  return [node, ...tree.below(node.mailbox.id)].every(({ mailbox }) => mailbox.role === null);
}

/** Another one of its name may lie in the trash already. */
function freeName(name: string, parent: MailboxNode, tree: MailboxTree | undefined): string {
  const taken = new Set(tree?.below(parent.mailbox.id).map(({ mailbox }) => mailbox.name.toLowerCase()));
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${name} ${number}`;
  return free;
}
