import { baseSubject } from '@stopgap/message';
import type { MessageData } from '../session.ts';

/** Answers to answers. */
const DEEPEST = 1000;

/** What THREAD needs to know of a message. */
export interface Threadable {
  readonly uid: number;
  readonly sentAtMs: number;
  readonly subject: string;
  readonly isReply: boolean;
  /** '' where there is none. */
  readonly messageId: string;
  readonly references: readonly string[];
}

export interface Thread {
  /** Undefined: a parent nobody has. */
  message: Threadable | undefined;
  parent: Thread | undefined;
  children: Thread[];
}

export function threadableOf({ uid, row, view }: MessageData): Threadable {
  const envelope = view?.envelope();
  const { text, isReply } = baseSubject(envelope?.subject ?? '');
  const references = envelope?.references ?? [];
  return {
    uid,
    sentAtMs: envelope?.sentAtMs ?? row?.receivedAtMs ?? 0,
    subject: text,
    isReply,
    messageId: envelope?.messageId ?? '',
    // RFC 5256 4 REFERENCES (1): In-Reply-To's first id only where there are no References.
    references: references.length > 0 ? references : (envelope?.inReplyTo.slice(0, 1) ?? []),
  };
}

/** RFC 5256 3 ORDEREDSUBJECT: a thread is a subject, its first message the parent of all others. */
export function orderedSubject(messages: readonly Threadable[]): Thread[] {
  const bySubject = new Map<string, Thread>();
  for (const message of inOrder(messages)) {
    const root = bySubject.get(message.subject);
    const thread: Thread = { message, parent: root, children: [] };
    if (root) root.children.push(thread);
    else bySubject.set(message.subject, thread);
  }
  return [...bySubject.values()];
}

/** RFC 5256 3 REFERENCES, in its steps. */
export function byReferences(messages: readonly Threadable[]): Thread[] {
  const containers = linked(inOrder(messages));
  const roots = pruned([...containers].filter((thread) => thread.parent === undefined));
  const gathered = joinedBySubject(sortedByDate(roots));
  return sortedByDate(gathered);
}

function inOrder(messages: readonly Threadable[]): readonly Threadable[] {
  return messages.toSorted((one, other) => one.sentAtMs - other.sentAtMs || one.uid - other.uid);
}

/** (1) Each message under the last of its references, as far as that makes no loop. */
function linked(messages: readonly Threadable[]): Set<Thread> {
  const byId = new Map<string, Thread>();
  const all = new Set<Thread>();
  const open = (id: string): Thread => {
    let thread = byId.get(id);
    if (!thread) {
      thread = { message: undefined, parent: undefined, children: [] };
      byId.set(id, thread);
      all.add(thread);
    }
    return thread;
  };
  for (const message of messages) {
    let parent: Thread | undefined;
    for (const id of message.references) {
      const thread = open(id);
      if (parent && thread.parent === undefined && !isAbove(thread, parent)) adopt(parent, thread);
      parent = thread;
    }
    let own = message.messageId === '' ? undefined : open(message.messageId);
    // A second message of the same id is one without.
    if (own === undefined || own.message !== undefined) {
      own = { message: undefined, parent: undefined, children: [] };
      all.add(own);
    }
    own.message = message;
    // Its own word about its parent counts more than what others said.
    if (parent && parent !== own && !isAbove(own, parent)) {
      // The old parent finds out when it is pruned.
      adopt(parent, own);
    }
  }
  return all;
}

function adopt(parent: Thread, child: Thread): void {
  child.parent = parent;
  parent.children.push(child);
}

/** `one` is `other`, or above it - or it lies too deep to find out, and a new thread begins. */
function isAbove(one: Thread, other: Thread): boolean {
  let depth = 0;
  for (let at: Thread | undefined = other; at; at = at.parent) {
    depth += 1;
    if (at === one || depth > DEEPEST) return true;
  }
  return false;
}

/** (3) Parents nobody has go; at the top only those with one child or none. Without recursion: threads get deep. */
function pruned(roots: readonly Thread[]): Thread[] {
  const order: Thread[] = [];
  const stack = [...roots];
  for (let thread = stack.pop(); thread; thread = stack.pop()) {
    order.push(thread);
    const parent = thread;
    thread.children = [...new Set(thread.children)].filter((child) => child.parent === parent);
    for (const child of thread.children) stack.push(child);
  }
  // Children before their parents.
  for (const thread of order.toReversed()) thread.children = thread.children.flatMap((child) => (child.message ? [child] : child.children));
  for (const thread of order) for (const child of thread.children) child.parent = thread;
  return roots.flatMap((root) => {
    if (root.message || root.children.length > 1) return [root];
    for (const child of root.children) child.parent = undefined;
    return root.children;
  });
}

/** (4) */
function sortedByDate(threads: readonly Thread[]): Thread[] {
  const stack = [...threads];
  for (let thread = stack.pop(); thread; thread = stack.pop()) {
    thread.children.sort(byDate);
    for (const child of thread.children) stack.push(child);
  }
  return [...threads].sort(byDate);
}

function byDate(one: Thread, other: Thread): number {
  const [first, second] = [messageOf(one), messageOf(other)];
  return (first?.sentAtMs ?? 0) - (second?.sentAtMs ?? 0) || (first?.uid ?? 0) - (second?.uid ?? 0);
}

/** A parent nobody has counts as its first child. */
function messageOf(thread: Thread): Threadable | undefined {
  return thread.message ?? thread.children[0]?.message;
}

/** (5) Threads of one subject belong together. */
function joinedBySubject(roots: readonly Thread[]): Thread[] {
  const bySubject = new Map<string, Thread>();
  for (const root of roots) {
    const subject = messageOf(root)?.subject ?? '';
    if (subject === '') continue;
    const known = bySubject.get(subject);
    const isBetter =
      !known || (!root.message && known.message) || (known.message?.isReply === true && root.message && !root.message.isReply);
    if (isBetter) bySubject.set(subject, root);
  }
  const joined = new Set<Thread>(roots);
  for (const root of roots) {
    const subject = messageOf(root)?.subject ?? '';
    const first = bySubject.get(subject);
    if (subject === '' || first === undefined || first === root) continue;
    joined.delete(root);
    if (!root.message && !first.message) for (const child of root.children) adopt(first, child);
    else if (!first.message || (!first.message.isReply && root.message?.isReply === true)) adopt(first, root);
    else {
      // Two that stand side by side, under a parent nobody has.
      const both: Thread = { message: undefined, parent: undefined, children: [] };
      adopt(both, first);
      adopt(both, root);
      joined.delete(first);
      joined.add(both);
      bySubject.set(subject, both);
    }
  }
  return [...joined];
}

/** RFC 5256 5 thread-list. Without recursion. */
export function threadText(threads: readonly Thread[], numberOf: (uid: number) => number): string {
  let text = '';
  const left: (Thread | ')')[] = threads.toReversed();
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    text += next === ')' ? ')' : '(';
    if (next === ')') continue;
    // A line of single answers stands in one pair of brackets.
    const line: number[] = [];
    let last = next;
    for (let at: Thread | undefined = next; at; at = at.children.length === 1 ? at.children[0] : undefined) {
      if (at.message) line.push(numberOf(at.message.uid));
      last = at;
    }
    text += line.join(' ');
    left.push(')');
    if (last.children.length > 0 && line.length > 0) text += ' ';
    left.push(...last.children.toReversed());
  }
  return text;
}
