import type { Mailbox } from '../api/methods.ts';
import type { Words } from '../words/en.ts';

/** In the order in which people look for them; others follow by name. */
const ROLES = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'] as const;
export type Role = (typeof ROLES)[number];
const DEEPEST = 20;

export interface MailboxNode {
  readonly mailbox: Mailbox;
  readonly depth: number;
  readonly label: string;
  /** With the labels of those above it, `Projects/House`. */
  readonly path: string;
}

export interface MailboxTree {
  /** As they stand under each other. */
  readonly nodes: readonly MailboxNode[];
  readonly byId: (id: string) => MailboxNode | undefined;
  readonly byRole: (role: Role) => MailboxNode | undefined;
  /** All that is under it, those above before those below. */
  readonly below: (id: string) => readonly MailboxNode[];
}

export function treeOf(mailboxes: readonly Mailbox[], words: Words): MailboxTree {
  const ids = new Set(mailboxes.map(({ id }) => id));
  // One whose parent is not there would be lost.
  const children = Map.groupBy(mailboxes, ({ parentId }) => (parentId !== null && ids.has(parentId) ? parentId : null));
  const nodes: MailboxNode[] = [];
  const add = (parentId: string | null, depth: number, above: string): void => {
    if (depth > DEEPEST) return;
    for (const mailbox of (children.get(parentId) ?? []).toSorted(byPlace)) {
      const label = labelOf(mailbox, words);
      nodes.push({ mailbox, depth, label, path: `${above}${label}` });
      add(mailbox.id, depth + 1, `${above}${label}/`);
    }
  };
  add(null, 0, '');
  const found = new Map(nodes.map((node) => [node.mailbox.id, node]));
  return {
    nodes,
    byId: (id) => found.get(id),
    byRole: (role) => nodes.find(({ mailbox }) => mailbox.role === role),
    below(id) {
      const from = nodes.findIndex(({ mailbox }) => mailbox.id === id);
      const depth = nodes[from]?.depth ?? 0;
      const end = nodes.findIndex((node, index) => index > from && node.depth <= depth);
      return from === -1 ? [] : nodes.slice(from + 1, end === -1 ? undefined : end);
    },
  };
}

/** What is called as one of ours, and stands among them, is told from it. */
function labelOf({ role, name, parentId }: Mailbox, { folders, outbox }: Words): string {
  if (isRole(role)) return folders[role];
  const ours = [...ROLES.map((one) => folders[one]), outbox.title].map((one) => one.toLowerCase());
  return parentId === null && ours.includes(name.toLowerCase()) ? folders.named(name) : name;
}

function byPlace(one: Mailbox, other: Mailbox): number {
  return rankOf(one) - rankOf(other) || one.sortOrder - other.sortOrder || one.name.localeCompare(other.name, undefined, { numeric: true });
}

function rankOf({ role }: Mailbox): number {
  const rank = isRole(role) ? ROLES.indexOf(role) : -1;
  return rank === -1 ? ROLES.length : rank;
}

function isRole(role: string | null): role is Role {
  return ROLES.some((one) => one === role);
}
