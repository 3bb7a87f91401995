import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { createMailbox, placeMailbox, type MailboxPlace } from '../api/mailboxes.ts';
import { usePost } from '../offline/post-around.tsx';
import { untilLoaded } from '../offline/until-loaded.ts';
import { useSpeech } from '../words/use-words.ts';
import { useAsk } from './ask.tsx';
import { failureText } from './failure-text.ts';
import { useJmap } from './mail-session.tsx';
import type { MailboxNode } from './mailbox-tree.ts';
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
    return {
      create: (where) => attempt(() => createMailbox(jmap, where)),
      place,
      async remove(node) {
        if (tree === undefined) return false;
        const { removeFolder } = await untilLoaded(() => import('./remove-folder.ts'));
        const untilCarried = async (): Promise<void> => (await ready()).filings.untilCarried();
        return (await attempt(() => removeFolder(node, { jmap, tree, ask, toasts, words, language, place, untilCarried }))) ?? false;
      },
    };
  }, [jmap, client, tree, toasts, ask, words, language, ready]);
}
