import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Line, Page } from '../api/lists.ts';
import { destroyMessages, listIds } from '../api/mail.ts';
import { backOf, stepOf, type Filing, type Step, type Target } from '../offline/filing.ts';
import { usePost } from '../offline/post-around.tsx';
import { useAsk } from '../shell/ask.tsx';
import { failureText } from '../shell/failure-text.ts';
import { useJmap } from '../shell/mail-session.tsx';
import type { MailboxNode, Role } from '../shell/mailbox-tree.ts';
import { useToasts } from '../shell/toasts.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { useWords } from '../words/use-words.ts';

/** By one click; whoever has more clicks again. */
const MOST_EMPTIED = 20_000;

/** Everything but what is for good is shown at once and goes by way of the post office: without a connection, too. */
export interface MessageActions {
  /** False: there was nothing to do, or it can not be done, which was told. */
  readonly move: (targets: readonly Target[], to: MailboxNode) => Promise<boolean>;
  readonly moveToRole: (targets: readonly Target[], role: Role) => Promise<boolean>;
  /** To the trash; for good where they are in it, or where there is none. */
  readonly remove: (targets: readonly Target[]) => Promise<boolean>;
  /** For good, what is in a mailbox when it is asked about; what comes in meanwhile stays. */
  readonly empty: (mailboxId: string) => Promise<boolean>;
  /** Of those that are not so yet; of more than one it is told, and undone for just these. */
  readonly setKeyword: (targets: readonly Target[], keyword: string, isSet: boolean) => Promise<void>;
}

export function useMessageActions(): MessageActions {
  const jmap = useJmap();
  const client = useQueryClient();
  const tree = useMailboxes();
  const toasts = useToasts();
  const ask = useAsk();
  const words = useWords();
  const { ready } = usePost();

  return useMemo(() => {
    const attempt = async (work: () => Promise<void>): Promise<boolean> => {
      try {
        await work();
        return true;
      } catch (error) {
        toasts.show({ text: failureText(error, words), kind: 'failed' });
        return false;
      }
    };
    const filingOf = (steps: readonly Step[], lines: readonly Line[]): Omit<Filing, 'atMs'> => ({
      id: crypto.randomUUID(),
      address: jmap.address,
      steps,
      lines,
      isUnderWay: false,
    });
    const file = async (steps: readonly Step[], textOf: (count: number) => string | undefined): Promise<boolean> =>
      attempt(async () => {
        const { filings } = await ready();
        const moved = new Set(steps.filter(({ from, to }) => from !== to).map(({ id }) => id));
        const lines = moved.size === 0 ? [] : linesOf(client, moved);
        const filing = filingOf(steps, lines);
        await filings.file(filing);
        const undo = async (): Promise<void> => {
          const isDone = await attempt(() => filings.unfile(filing.id, filingOf(steps.map(backOf), lines)));
          if (isDone) toasts.show({ text: words.done.undone, yields: true });
        };
        const text = textOf(steps.length);
        if (text !== undefined) toasts.show({ text, action: { label: words.app.undo, run: () => void undo() } });
      });
    const move: MessageActions['move'] = async (targets, { mailbox: { id: to, role }, label }) => {
      const keywords = role === 'junk' ? { $junk: true, $notjunk: false } : {};
      const steps = targets
        .filter(({ mailboxIds }) => !Object.hasOwn(mailboxIds, to))
        .flatMap((one) => stepOf(one, { to, keywords }) ?? []);
      if (steps.length === 0) return false;
      return file(steps, (count) => (role === 'trash' ? words.done.removed(count) : words.done.moved(count, label)));
    };
    const destroy = (find: () => Promise<readonly string[]>): Promise<boolean> =>
      attempt(async () => {
        // What was brought to safety from there must have left it.
        await (await ready()).filings.untilCarried();
        try {
          const ids = await find();
          await destroyMessages(jmap, ids);
          toasts.show({ text: words.done.removed(ids.length) });
        } finally {
          for (const key of ['list', 'message', 'mailboxes', 'thread']) void client.invalidateQueries({ queryKey: [key] });
        }
      });
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
        return destroy(async () => targets.map(({ id }) => id));
      },
      async empty(mailboxId) {
        const find = async (): Promise<Set<string>> => new Set(await listIds(jmap, { inMailbox: mailboxId }, MOST_EMPTIED));
        let asked: readonly string[] = [];
        const isKnown = await attempt(async () => {
          await (await ready()).filings.untilCarried();
          asked = [...(await find())];
        });
        if (!isKnown || asked.length === 0) return false;
        if (!(await ask({ text: words.act.removeQuestion(asked.length), yes: words.folders.empty }))) return false;
        return destroy(async () => {
          // What was brought to safety meanwhile, in another window or program, stays.
          const there = await find();
          return asked.filter((id) => there.has(id));
        });
      },
      async setKeyword(targets, keyword, isSet) {
        const steps = targets.flatMap((one) => stepOf(one, { keywords: { [keyword]: isSet } }) ?? []);
        if (steps.length > 0) await file(steps, (count) => (count > 1 ? words.done.changed(count) : undefined));
      },
    };
  }, [jmap, client, tree, toasts, ask, words, ready]);
}

/** How these messages stand in the lists that were seen last. */
function linesOf(client: QueryClient, ids: ReadonlySet<string>): readonly Line[] {
  const lines = client
    .getQueriesData<Page>({ queryKey: ['list'] })
    .flatMap(([, page]) => page?.messages ?? [])
    .filter(({ id, conversation }) => ids.has(id) || conversation.some((one) => ids.has(one.id)));
  return [...new Map(lines.map((line) => [line.key, line])).values()];
}
