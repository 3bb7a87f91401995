import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Line, Page } from '../api/lists.ts';
import { destroyMessages, listIds, patchMessages, type Patch } from '../api/mail.ts';
import type { Message, Summary } from '../api/methods.ts';
import { useAsk } from '../shell/ask.tsx';
import { failureText } from '../shell/failure-text.ts';
import { useJmap } from '../shell/mail-session.tsx';
import type { MailboxNode, Role } from '../shell/mailbox-tree.ts';
import { useToasts } from '../shell/toasts.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { useWords } from '../words/use-words.ts';
import { withKeyword } from './with-keyword.ts';

/** By one click; whoever has more clicks again. */
const MOST_EMPTIED = 20_000;

/** What must be known of a message to do something with it and to undo that. */
export interface Target {
  readonly id: string;
  readonly mailboxIds: Readonly<Record<string, boolean>>;
}

export interface MessageActions {
  /** All of them are there or gone when it resolves; false: it was not done. */
  readonly move: (targets: readonly Target[], to: MailboxNode) => Promise<boolean>;
  readonly moveToRole: (targets: readonly Target[], role: Role) => Promise<boolean>;
  /** To the trash; for good where they are in it, or where there is none. */
  readonly remove: (targets: readonly Target[]) => Promise<boolean>;
  /** Everything in a mailbox, for good. */
  readonly empty: (mailboxId: string) => Promise<boolean>;
  readonly setKeyword: (ids: readonly string[], keyword: string, isSet: boolean) => Promise<void>;
  /** As `setKeyword`, for those that are not so yet; of more than one it is told, and undone for just these. */
  readonly setKeywordOf: (targets: readonly Keyworded[], keyword: string, isSet: boolean) => Promise<void>;
}

type Keyworded = Pick<Summary, 'id' | 'keywords'>;

export function useMessageActions(): MessageActions {
  const jmap = useJmap();
  const client = useQueryClient();
  const tree = useMailboxes();
  const toasts = useToasts();
  const ask = useAsk();
  const words = useWords();

  return useMemo(() => {
    const refresh = async (): Promise<void> => {
      await Promise.all(['list', 'message', 'mailboxes', 'thread'].map((key) => client.invalidateQueries({ queryKey: [key] })));
    };
    const attempt = async (work: () => Promise<void>): Promise<boolean> => {
      try {
        await work();
        return true;
      } catch (error) {
        toasts.show({ text: failureText(error, words), kind: 'failed' });
        return false;
      } finally {
        await refresh();
      }
    };
    const place = (targets: readonly Target[], text: string, patchOf: (target: Target) => Patch, backOf: (target: Target) => Patch) =>
      attempt(async () => {
        await patchMessages(jmap, new Map(targets.map((target) => [target.id, patchOf(target)])));
        const undo = async (): Promise<void> => {
          const isDone = await attempt(() => patchMessages(jmap, new Map(targets.map((target) => [target.id, backOf(target)]))));
          if (isDone) toasts.show({ text: words.done.undone, yields: true });
        };
        toasts.show({ text, action: { label: words.app.undo, run: () => void undo() } });
      });
    const mark = (ids: readonly string[], keyword: string, isSet: boolean, then?: () => void): Promise<boolean> => {
      showKeyword(client, new Set(ids), keyword, isSet);
      // RFC 6901 3: a keyword may hold what means something in a path.
      const path = `keywords/${keyword.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      return attempt(async () => {
        await patchMessages(jmap, new Map(ids.map((id) => [id, { [path]: isSet ? true : null }])));
        // Before the lists are asked for again, or it would come after what is done next.
        then?.();
      });
    };
    const move: MessageActions['move'] = async (targets, to) => {
      if (targets.length === 0) return false;
      const isJunk = to.mailbox.role === 'junk';
      const text = to.mailbox.role === 'trash' ? words.done.removed(targets.length) : words.done.moved(targets.length, to.label);
      return place(
        targets,
        text,
        () => ({ mailboxIds: { [to.mailbox.id]: true }, ...(isJunk ? { 'keywords/$junk': true, 'keywords/$notjunk': null } : {}) }),
        ({ mailboxIds }) => ({ mailboxIds, ...(isJunk ? { 'keywords/$junk': null } : {}) }),
      );
    };
    return {
      move,
      async moveToRole(targets, role) {
        const to = tree?.byRole(role);
        return to === undefined ? false : move(targets, to);
      },
      async remove(targets) {
        if (targets.length === 0) return false;
        const trash = tree?.byRole('trash');
        const isInTrash = trash === undefined || targets.every(({ mailboxIds }) => Object.hasOwn(mailboxIds, trash.mailbox.id));
        if (!isInTrash) return move(targets, trash);
        if (!(await ask({ text: words.act.removeQuestion(targets.length), yes: words.act.removeForGood }))) return false;
        return attempt(async () => {
          await destroyMessages(
            jmap,
            targets.map(({ id }) => id),
          );
          toasts.show({ text: words.done.removed(targets.length) });
        });
      },
      async empty(mailboxId) {
        if (!(await ask({ text: words.folders.emptyQuestion, yes: words.folders.empty }))) return false;
        return attempt(async () => {
          const ids = await listIds(jmap, { inMailbox: mailboxId }, MOST_EMPTIED);
          await destroyMessages(jmap, ids);
          toasts.show({ text: words.done.removed(ids.length) });
        });
      },
      async setKeyword(ids, keyword, isSet) {
        await mark(ids, keyword, isSet);
      },
      async setKeywordOf(targets, keyword, isSet) {
        const ids = targets.filter(({ keywords }) => Object.hasOwn(keywords, keyword) !== isSet).map(({ id }) => id);
        if (ids.length === 0) return;
        const undo = (): void => void mark(ids, keyword, !isSet, () => toasts.show({ text: words.done.undone, yields: true }));
        await mark(ids, keyword, isSet, () => {
          if (ids.length > 1) toasts.show({ text: words.done.changed(ids.length), action: { label: words.app.undo, run: undo } });
        });
      },
    };
  }, [jmap, client, tree, toasts, ask, words]);
}

/** At once, before the relay has answered; what it answers is shown then. */
function showKeyword(client: QueryClient, ids: ReadonlySet<string>, keyword: string, isSet: boolean): void {
  const changed = <T extends Keyworded>(one: T): T => (ids.has(one.id) ? withKeyword(one, keyword, isSet) : one);
  const changedLine = (line: Line): Line => {
    const { conversation } = line;
    return conversation.some(({ id }) => ids.has(id)) ? { ...changed(line), conversation: conversation.map(changed) } : line;
  };
  client.setQueriesData<Page>({ queryKey: ['list'] }, (page) => page && { ...page, messages: page.messages.map(changedLine) });
  client.setQueriesData<readonly Summary[]>({ queryKey: ['thread'] }, (members) => members?.map(changed));
  client.setQueriesData<Message | null>({ queryKey: ['message'] }, (message) => message && changed(message));
}
