import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { useComposer } from '../composer/composer-around.tsx';
import { MessageListPane } from '../list/message-list-pane.tsx';
import { MoveDialog } from '../list/move-dialog.tsx';
import { extended, NOTHING_SELECTED, toggled } from '../list/selection.ts';
import { useMessageActions, type Target } from '../list/use-message-actions.ts';
import { useMessageList } from '../list/use-message-list.ts';
import { Reader } from '../reader/reader.tsx';
import { parseSearch } from '../search/parse-search.ts';
import type { Filter } from '../api/methods.ts';
import type { MailboxTree } from './mailbox-tree.ts';
import { goTo, withMessage, type Place } from './place.ts';
import { useMailboxes } from './use-mailboxes.ts';
import { useShortcuts } from './use-shortcuts.ts';

export type ListPlace = Exclude<Place, { kind: 'outbox' }>;

/** A list and the message that is open in it. */
export function MailView({ place }: { readonly place: ListPlace }): ReactNode {
  const tree = useMailboxes();
  const filter = useMemo(() => filterOf(place, tree), [place.kind, tree, JSON.stringify(place)]);
  const list = useMessageList(filter);
  const actions = useMessageActions();
  const composer = useComposer();
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const [moving, setMoving] = useState<readonly Target[]>();
  const openId = place.messageId;

  const step = (by: 1 | -1): void => {
    const index = openId === undefined ? -1 : list.indexOf(openId);
    const next = openId === undefined ? list.at(0) : index === -1 ? undefined : list.at(index + by);
    if (next !== undefined) goTo(withMessage(place, next.id), { replaces: openId !== undefined });
  };
  /** What a command is about: what is selected, else what is open. */
  const targets = (): readonly Target[] => list.loaded.filter(({ id }) => (selection.ids.size > 0 ? selection.ids.has(id) : id === openId));
  /** Something else takes the place of what goes away. */
  const away = async (gone: readonly Target[], work: Promise<boolean>): Promise<void> => {
    const neighbour = openId !== undefined && gone.some(({ id }) => id === openId) ? neighbourOf(list, openId) : openId;
    if (!(await work)) return;
    setSelection(NOTHING_SELECTED);
    if (neighbour !== openId) goTo(withMessage(place, neighbour), { replaces: true });
  };
  const flagAll = (keyword: string, isSet?: boolean): void => {
    const about = new Set(targets().map(({ id }) => id));
    const known = list.loaded.filter(({ id }) => about.has(id));
    const wanted = isSet ?? !known.every(({ keywords }) => Object.hasOwn(keywords, keyword));
    void actions.setKeyword([...about], keyword, wanted);
  };
  const commands = {
    archive: () => void away(targets(), actions.moveToRole(targets(), 'archive')),
    junk: () => void away(targets(), actions.moveToRole(targets(), 'junk')),
    notJunk: () => void away(targets(), actions.moveToRole(targets(), 'inbox')),
    remove: () => void away(targets(), actions.remove(targets())),
    move: () => setMoving(targets().length > 0 ? targets() : undefined),
    flag: () => flagAll('$flagged'),
    markRead: () => flagAll('$seen', true),
    markUnread: () => flagAll('$seen', false),
    next: () => step(1),
    previous: () => step(-1),
    close: () => goTo(withMessage(place, undefined)),
  };
  const answer = (kind: 'reply' | 'replyAll' | 'forward') => () => {
    if (openId !== undefined) composer.open({ kind, messageId: openId });
  };
  useShortcuts({
    j: commands.next,
    k: commands.previous,
    e: commands.archive,
    '#': commands.remove,
    Delete: commands.remove,
    '!': commands.junk,
    v: commands.move,
    s: commands.flag,
    u: commands.markUnread,
    x: () => setSelection((before) => (openId === undefined ? before : toggled(before, openId))),
    r: answer('reply'),
    a: answer('replyAll'),
    f: answer('forward'),
    Escape: () => (selection.ids.size > 0 ? setSelection(NOTHING_SELECTED) : commands.close()),
  });
  const onSelect = useCallback(
    (id: string, isRange: boolean) =>
      setSelection((before) =>
        isRange ? extended(before, id, { indexOf: list.indexOf, idAt: (index) => list.at(index)?.id }) : toggled(before, id),
      ),
    [list],
  );

  return (
    <main className={`mail-view ${openId === undefined ? '' : 'has-message'}`}>
      <MessageListPane
        place={place}
        list={list}
        selection={selection}
        onSelect={onSelect}
        targetsFor={(id) => list.loaded.filter((one) => (selection.ids.has(id) ? selection.ids.has(one.id) : one.id === id)).map(targetOf)}
        onSelectAll={(ids) => setSelection({ ids: new Set(ids), anchor: undefined })}
        commands={commands}
      />
      <Reader messageId={openId} commands={commands} />
      {moving === undefined ? null : (
        <MoveDialog
          onClose={() => setMoving(undefined)}
          onChoose={(to) => {
            setMoving(undefined);
            void away(moving, actions.move(moving, to));
          }}
        />
      )}
    </main>
  );
}

function targetOf({ id, mailboxIds }: Target): Target {
  return { id, mailboxIds };
}

/** What the list and the reader can do with what is selected or open. */
export interface Commands {
  readonly archive: () => void;
  readonly junk: () => void;
  readonly notJunk: () => void;
  readonly remove: () => void;
  readonly move: () => void;
  readonly flag: () => void;
  readonly markRead: () => void;
  readonly markUnread: () => void;
  readonly next: () => void;
  readonly previous: () => void;
  readonly close: () => void;
}

/** Undefined: not known yet, or nothing is looked for. */
function filterOf(place: ListPlace, tree: MailboxTree | undefined): Filter | undefined {
  if (tree === undefined) return undefined;
  if (place.kind === 'mailbox') {
    const id = place.mailboxId ?? tree.byRole('inbox')?.mailbox.id;
    return id === undefined ? undefined : { inMailbox: id };
  }
  const leftOut = (['trash', 'junk'] as const).flatMap((role) => tree.byRole(role)?.mailbox.id ?? []);
  const findMailbox = (name: string): string | undefined => {
    const wanted = name.toLowerCase();
    return tree.nodes.find(({ label, mailbox }) => [label, mailbox.name, mailbox.role ?? ''].some((one) => one.toLowerCase() === wanted))
      ?.mailbox.id;
  };
  return parseSearch(place.text, { findMailbox, leftOut });
}

function neighbourOf(
  list: { at(index: number): { readonly id: string } | undefined; indexOf(id: string): number },
  id: string,
): string | undefined {
  const index = list.indexOf(id);
  return index === -1 ? undefined : (list.at(index + 1) ?? list.at(index - 1))?.id;
}
