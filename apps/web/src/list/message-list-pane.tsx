import type { ReactNode } from 'react';
import type { Filter } from '../api/methods.ts';
import { isTooLong, MOST_CHARACTERS, MOST_TERMS } from '../search/parse-search.ts';
import { useSnippets } from '../search/use-snippets.ts';
import type { Commands } from '../shell/mail-view.tsx';
import type { ListPlace } from '../shell/place.ts';
import { Icon } from '../shell/icons.tsx';
import { Empty, Failed, Loading } from '../shell/states.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { useSituation } from '../shell/use-situation.ts';
import { useFormats, useWords } from '../words/use-words.ts';
import { ListHead } from './list-head.tsx';
import type { ListScope } from './line-state.ts';
import type { Selection } from './selection.ts';
import type { Target } from '../offline/filing.ts';
import type { MessageList } from './use-message-list.ts';
import { VirtualMessages } from './virtual-messages.tsx';

export interface MessageListPaneProps {
  readonly place: ListPlace;
  readonly scope: ListScope;
  readonly filter: Filter | undefined;
  /** One line for all messages of a conversation. */
  readonly isCollapsed: boolean;
  readonly list: MessageList;
  readonly selection: Selection;
  readonly onSelect: (key: string, isRange: boolean) => void;
  /** What is dragged with this line: everything that is selected, if it is. */
  readonly targetsFor: (key: string) => readonly Target[];
  readonly onSelectAll: (keys: readonly string[]) => void;
  readonly commands: Commands;
}

export function MessageListPane(props: MessageListPaneProps): ReactNode {
  const { place, list } = props;
  const words = useWords();
  const { number } = useFormats();
  const tree = useMailboxes();
  const node = place.kind === 'mailbox' ? (place.mailboxId === undefined ? tree?.byRole('inbox') : tree?.byId(place.mailboxId)) : undefined;
  const progress = useSituation().situation?.mirror.progress;
  // While the provider's folders are not listed yet it may be one of them.
  const isGone = place.kind === 'mailbox' && place.mailboxId !== undefined && tree !== undefined && node === undefined && !!progress;
  const title = place.kind === 'search' ? words.search.title : isGone ? words.folders.gone : (node?.label ?? '');
  const total = list.total ?? 0;
  const count = place.kind === 'search' ? words.search.results(total) : number(total);
  return (
    <section className="list-pane" aria-label={words.list.title}>
      <ListHead
        {...props}
        title={title}
        count={list.total === undefined || isGone ? '' : count}
        role={node?.mailbox.role ?? null}
        mailboxId={node?.mailbox.id}
      />
      {isGone ? (
        <p className="state">
          <Icon name="folder" size={40} />
          <a href="#/">{words.folders.inbox}</a>
        </p>
      ) : (
        <Body {...props} isTreeKnown={tree !== undefined} isOutgoing={node?.mailbox.role === 'sent' || node?.mailbox.role === 'drafts'} />
      )}
    </section>
  );
}

function Body(props: MessageListPaneProps & { readonly isTreeKnown: boolean; readonly isOutgoing: boolean }): ReactNode {
  const { place, list, filter, isTreeKnown } = props;
  const words = useWords();
  const snippets = useSnippets(place.kind === 'search' ? filter : undefined, list.loaded);
  if (place.kind === 'search' && isTooLong(place.text))
    return <Failed text={words.search.tooLong} hint={words.search.tooLongText(MOST_CHARACTERS, MOST_TERMS)} />;
  if (list.isFailed) return <Failed text={words.list.failed} onRetry={list.retry} />;
  const isNothing = place.kind === 'search' && filter === undefined;
  // What belongs to a conversation is known by the mailboxes.
  if ((list.total === undefined && !isNothing) || !isTreeKnown) return <Loading label={words.app.loading} />;
  if (list.total === undefined || list.total === 0) {
    if (place.kind === 'search') return <Empty icon="search" text={words.list.nothingFound} hint={words.list.nothingFoundText} />;
    return <Empty icon="inbox" text={words.list.nothing} hint={words.list.nothingText} />;
  }
  return <VirtualMessages {...props} snippets={snippets} total={list.total} />;
}
