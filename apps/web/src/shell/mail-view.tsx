import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import { useComposer } from '../composer/composer-around.tsx';
import { MessageListPane } from '../list/message-list-pane.tsx';
import { extended, NOTHING_SELECTED, toggled } from '../list/selection.ts';
import type { Line } from '../api/lists.ts';
import { targetsOf, type ListScope } from '../list/line-state.ts';
import { useLabels } from '../list/use-labels.ts';
import { useMessageActions } from '../list/use-message-actions.ts';
import { useMessageList, type MessageList } from '../list/use-message-list.ts';
import { filed, type Target } from '../offline/filing.ts';
import { useSteps } from '../offline/post-around.tsx';
import { untilLoaded } from '../offline/until-loaded.ts';
import { Reader } from '../reader/reader.tsx';
import { parseSearch } from '../search/parse-search.ts';
import type { Filter, Member, Message } from '../api/methods.ts';
import { usePreferences } from '../settings/use-preferences.ts';
import type { MailboxTree } from './mailbox-tree.ts';
import { goTo, hashOf, parsePlace, withMessage, type ListPlace } from './place.ts';
import { useJmap } from './mail-session.tsx';
import { useMailboxes } from './use-mailboxes.ts';
import { useOpenId } from './use-place.ts';
import { useShortcuts } from './use-shortcuts.ts';

const MoveDialog = lazy(async () => ({ default: (await untilLoaded(() => import('../list/move-dialog.tsx'))).MoveDialog }));
const LabelDialog = lazy(async () => ({ default: (await untilLoaded(() => import('../list/label-dialog.tsx'))).LabelDialog }));

/** A list and the message that is open in it. @param listPlace where one is without that message */
export function MailView({ listPlace }: { readonly listPlace: ListPlace }): ReactNode {
  const openId = useOpenId();
  const place = useMemo(() => withMessage(listPlace, openId), [listPlace, openId]);
  const tree = useMailboxes();
  const { inboxId } = useJmap();
  const { keywordOf } = useLabels();
  // The same as long as they say the same: numbers of mailboxes change with every message that is read, and no line is drawn anew for it.
  const filter = useSame(filterOf(place, { tree, inboxId }, keywordOf));
  const scope = useSame(scopeOf(place, { tree, inboxId }));
  const isCollapsed = usePreferences().preferences.showsConversations && isOfConversations(scope, tree);
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const query = useMemo(() => (filter === undefined ? undefined : { filter, isCollapsed }), [filter, isCollapsed]);
  const list = useMessageList(query, selection.ids);
  const client = useQueryClient();
  const steps = useSteps();
  const actions = useMessageActions();
  const composer = useComposer();
  const [labelled, setLabelled] = useState<readonly Member[]>();
  const [moving, setMoving] = useState<readonly Target[]>();
  const openIndex = openId === undefined ? -1 : list.indexOf(openId);
  const places = useRef({ now: openIndex, before: openIndex });
  if (places.current.now !== openIndex) places.current = { now: openIndex, before: places.current.now };

  // What is open may have left the list, as what was read leaves a search for what is unread: the next stands in its place.
  const stood = useRef({ id: openId, index: openIndex });
  if (openIndex !== -1 || stood.current.id !== openId) stood.current = { id: openId, index: openIndex };
  const beside = (by: 1 | -1): Line | undefined => {
    const { index } = stood.current;
    return index === -1 ? undefined : list.at(openIndex === -1 && by === 1 ? index : index + by);
  };
  const step = (by: 1 | -1): void => {
    const next = openId === undefined ? list.at(0) : beside(by);
    if (next !== undefined) goTo(withMessage(place, next.id), { replaces: openId !== undefined });
  };
  /** What a command is about, line by line. */
  const open = (): Groups => {
    const line = list.at(openIndex);
    if (line !== undefined) return [targetsOf(line, scope)];
    // One may have scrolled far away from what is read.
    const message = client.getQueryData<Message | null>(['message', openId]);
    return message === undefined || message === null ? [] : [[filed(message, steps)]];
  };
  const selected = list.loaded.filter(({ key }) => selection.ids.has(key));
  const selectedOrOpen = (): Groups => (selected.length > 0 ? selected.map((line) => targetsOf(line, scope)) : open());
  /** Something else takes the place of what goes away. */
  const away = async (gone: readonly Target[], work: Promise<boolean>): Promise<void> => {
    const isGone = gone.some(({ id }) => id === openId || (openIndex !== -1 && list.indexOf(id) === openIndex));
    const next = isGone ? (beside(1) ?? beside(-1))?.id : openId;
    if (!(await work)) return;
    setSelection((now) => (now === selection ? NOTHING_SELECTED : now));
    // One may have gone elsewhere meanwhile.
    if (next !== openId && hashOf(parsePlace(location.hash)) === hashOf(place)) goTo(withMessage(place, next), { replaces: true });
  };
  const commandsOn = (about: () => Groups): Commands => {
    const targets = (): readonly Member[] => about().flat();
    const isFlagged = (group: readonly Member[]): boolean => group.some(({ keywords }) => Object.hasOwn(keywords, '$flagged'));
    const mark = (keyword: string, isSet: boolean): void => void actions.setKeyword(targets(), keyword, isSet);
    return {
      archive: () => void away(targets(), actions.moveToRole(targets(), 'archive')),
      junk: () => void away(targets(), actions.moveToRole(targets(), 'junk')),
      notJunk: () => void away(targets(), actions.moveToRole(targets(), 'inbox')),
      remove: () => void away(targets(), actions.remove(targets())),
      move: () => setMoving(targets().length > 0 ? targets() : undefined),
      label: () => setLabelled(targets().length > 0 ? targets() : undefined),
      flag: () => mark('$flagged', !about().every(isFlagged)),
      markRead: () => mark('$seen', true),
      markUnread: () => mark('$seen', false),
      next: () => step(1),
      previous: () => step(-1),
      close: () => goTo(withMessage(place, undefined)),
    };
  };
  /** Of the buttons over a message, whatever is selected beside it. */
  const openCommands = commandsOn(open);
  /** Of the list's head and of keys. */
  const commands = commandsOn(selectedOrOpen);
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
    l: commands.label,
    s: commands.flag,
    u: commands.markUnread,
    x: () => {
      const key = list.at(openIndex)?.key;
      if (key !== undefined) setSelection((before) => toggled(before, key));
    },
    r: answer('reply'),
    a: answer('replyAll'),
    f: answer('forward'),
    Escape: () => (selected.length > 0 ? setSelection(NOTHING_SELECTED) : commands.close()),
  });
  const now = useRef({ list, selection, scope });
  now.current = { list, selection, scope };
  const onSelect = useCallback((key: string, isRange: boolean) => {
    const { indexOf, at } = now.current.list;
    setSelection((before) => (isRange ? extended(before, key, { indexOf, idAt: (index) => at(index)?.key }) : toggled(before, key)));
  }, []);
  const targetsFor = useCallback((key: string) => {
    const { list, selection, scope } = now.current;
    return list.loaded
      .filter((one) => (selection.ids.has(key) ? selection.ids.has(one.key) : one.key === key))
      .flatMap((line) => targetsOf(line, scope))
      .map(targetOf);
  }, []);

  return (
    <main className={`mail-view ${openId === undefined ? '' : 'has-message'}`}>
      <MessageListPane
        place={place}
        scope={scope}
        filter={filter}
        isCollapsed={isCollapsed}
        list={list}
        selection={selection}
        onSelect={onSelect}
        targetsFor={targetsFor}
        onSelectAll={(ids) => setSelection({ ids: new Set(ids), anchor: undefined })}
        commands={commands}
      />
      <Reader
        messageId={openId}
        commands={openCommands}
        listed={openIndex === -1 ? undefined : list.at(openIndex)}
        neighbours={neighboursOf(list, { openId, openIndex, isUpwards: openIndex < places.current.before })}
        {...(isCollapsed ? { scope } : {})}
      />
      <Suspense>
        {labelled === undefined ? null : <LabelDialog targets={labelled} onClose={() => setLabelled(undefined)} />}
        {moving === undefined ? null : (
          <MoveDialog
            onClose={() => setMoving(undefined)}
            onChoose={(to) => {
              setMoving(undefined);
              void away(moving, actions.move(moving, to));
            }}
          />
        )}
      </Suspense>
    </main>
  );
}

function useSame<T>(value: T): T {
  return useMemo(() => value, [JSON.stringify(value)]);
}

function targetOf({ id, mailboxIds, keywords }: Target): Target {
  return { id, mailboxIds, keywords };
}

type Groups = readonly (readonly Member[])[];

/** What the list and the reader can do with what is selected or open. */
export interface Commands {
  readonly archive: () => void;
  readonly junk: () => void;
  readonly notJunk: () => void;
  readonly remove: () => void;
  readonly move: () => void;
  readonly label: () => void;
  readonly flag: () => void;
  readonly markRead: () => void;
  readonly markUnread: () => void;
  readonly next: () => void;
  readonly previous: () => void;
  readonly close: () => void;
}

interface Known {
  readonly tree: MailboxTree | undefined;
  /** Known before the tree is: its lines are asked for at the same time. */
  readonly inboxId: string | undefined;
}

/** Undefined: not known yet. Of another mailbox than the inbox its role has to be. */
function mailboxIdOf(place: ListPlace & { readonly kind: 'mailbox' }, { tree, inboxId }: Known): string | undefined {
  if (tree === undefined) return place.mailboxId === undefined ? inboxId : undefined;
  return place.mailboxId ?? tree.byRole('inbox')?.mailbox.id;
}

function scopeOf(place: ListPlace, known: Known): ListScope {
  const mailboxId = place.kind === 'search' ? undefined : mailboxIdOf(place, known);
  const leftOut = (['trash', 'junk'] as const).flatMap((role) => known.tree?.byRole(role)?.mailbox.id ?? []);
  // In one of them everything is shown.
  return { mailboxId, leftOut: mailboxId !== undefined && leftOut.includes(mailboxId) ? [] : leftOut };
}

/** What is looked for are messages, and drafts are taken up one by one. */
function isOfConversations({ mailboxId }: ListScope, tree: MailboxTree | undefined): boolean {
  return mailboxId !== undefined && tree?.byId(mailboxId)?.mailbox.role !== 'drafts';
}

/** Undefined: not known yet, or nothing is looked for. */
function filterOf(place: ListPlace, known: Known, findLabel: (name: string) => string | undefined): Filter | undefined {
  if (place.kind === 'mailbox') {
    const id = mailboxIdOf(place, known);
    return id === undefined ? undefined : { inMailbox: id };
  }
  const { tree } = known;
  if (tree === undefined) return undefined;
  const leftOut = (['trash', 'junk'] as const).flatMap((role) => tree.byRole(role)?.mailbox.id ?? []);
  const findMailbox = (name: string): string | undefined => {
    const wanted = name.toLowerCase();
    return tree.nodes.find(({ label, path, mailbox }) =>
      [label, path, mailbox.name, mailbox.role ?? ''].some((one) => one.toLowerCase() === wanted),
    )?.mailbox.id;
  };
  return parseSearch(place.text, { findMailbox, findLabel, leftOut });
}

interface Where {
  readonly openId: string | undefined;
  readonly openIndex: number;
  readonly isUpwards: boolean;
}

/** Who reads one reads on, the way that they came: downwards mostly. Where nothing is open, it is the first that will be. */
function neighboursOf(list: Pick<MessageList, 'at'>, { openId, openIndex, isUpwards }: Where): readonly Line[] {
  const by = isUpwards ? -1 : 1;
  const indexes = openId === undefined ? [0, 1] : openIndex === -1 ? [] : [1, 2, 3, 4, 5, 6, -1].map((steps) => openIndex + steps * by);
  return indexes.flatMap((index) => list.at(index) ?? []);
}
