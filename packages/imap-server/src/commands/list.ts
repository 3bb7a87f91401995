import type { Client, Command } from '../client.ts';
import { listMatcher } from '../list-pattern.ts';
import { ok } from '../replies.ts';
import type { ListedMailbox } from '../session.ts';
import { mailboxName } from '../wire/encode.ts';
import { SyntaxFault } from '../wire/faults.ts';
import { readMailboxName } from '../wire/mailbox-name.ts';
import type { Scanner } from '../wire/scanner.ts';
import { readStatusItems, writeStatus, type StatusItem } from './status.ts';

const MOST_PATTERNS = 20;
/** RFC 5258 3.1, RFC 6154 2: what RECURSIVEMATCH can be about. */
const SELECTS = ['SUBSCRIBED', 'SPECIAL-USE'];
/** Names matched before others get their turn. */
const NAMES_IN_A_ROW = 200;

interface ListRequest {
  readonly patterns: readonly string[];
  readonly select: ReadonlySet<string>;
  readonly answer: ReadonlySet<string>;
  readonly status: readonly StatusItem[];
}

/** A mailbox, or a name that exists only because others are below it. */
export interface Node {
  readonly name: string;
  readonly mailbox?: ListedMailbox;
  readonly hasChildren: boolean;
}

/** RFC 9051 6.3.9 with all of LIST-EXTENDED (RFC 5258), LIST-STATUS (RFC 5819) and SPECIAL-USE (RFC 6154). */
export const list: Command = {
  state: 'authenticated',
  async run(args, client) {
    const request = readList(args, client.enabled.isUtf8);
    // RFC 9051 6.3.9: an empty pattern asks for the separator.
    if (request.patterns.length === 1 && request.patterns[0] === '') client.out.text(String.raw`* LIST (\Noselect) "/" ""` + '\r\n');
    else await write(request, client);
    return ok('Done');
  },
};

function readList(args: Scanner, isUtf8: boolean): ListRequest {
  args.space();
  const select = new Set<string>();
  if (args.peek() === '(') {
    args.list(() => select.add(oneOf(args, ['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE'])));
    args.space();
  }
  const reference = readMailboxName(args.astring(), isUtf8);
  args.space();
  const readPattern = (): string => readMailboxName(args.listPattern(), isUtf8);
  const patterns = args.peek() === '(' ? args.list(readPattern) : [readPattern()];
  const answer = new Set<string>();
  const items: StatusItem[] = [];
  if (args.accept(' ')) {
    if (!args.acceptWord('RETURN')) throw new SyntaxFault('RETURN is missing');
    args.space();
    args.list(() => {
      const option = oneOf(args, ['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE', 'STATUS']);
      answer.add(option);
      if (option !== 'STATUS') return;
      args.space();
      items.push(...readStatusItems(args));
    });
  }
  args.end();
  if (patterns.length > MOST_PATTERNS) throw new SyntaxFault('Too many patterns');
  // RFC 5258 3: RECURSIVEMATCH is about what the other options select.
  if (select.has('RECURSIVEMATCH') && !SELECTS.some((option) => select.has(option))) {
    throw new SyntaxFault('RECURSIVEMATCH needs another option');
  }
  return { patterns: patterns.map((pattern) => (pattern === '' ? '' : reference + pattern)), select, answer, status: items };
}

function oneOf(args: Scanner, options: readonly string[]): string {
  const word = args.word();
  if (!options.includes(word)) throw new SyntaxFault('No such option');
  return word;
}

/** The LIST response that SELECT and RENAME of IMAP4rev2 owe. `info`: extended data, with a blank before it. */
export async function listLine(client: Client, name: string, info = ''): Promise<string> {
  const mailboxes = (await client.session?.list()) ?? [];
  const hasChildren = mailboxes.some((one) => one.isGone !== true && one.name.startsWith(`${name}/`));
  const node = { name, ...mailboxOf(mailboxes.find((one) => one.name === name)), hasChildren };
  return lineOf(node, { isSubscriptionAsked: true, info, client });
}

async function write({ patterns, select, answer, status }: ListRequest, client: Client): Promise<void> {
  const mailboxes = (await client.session?.list()) ?? [];
  const matchers = patterns.filter((pattern) => pattern !== '').map(listMatcher);
  const matching: Node[] = [];
  const others: Node[] = [];
  for (const [index, node] of nodesOf(mailboxes).entries()) {
    if (index % NAMES_IN_A_ROW === NAMES_IN_A_ROW - 1) await new Promise((resolve) => setImmediate(resolve));
    (matchers.some((isMatch) => isMatch(node.name)) ? matching : others).push(node);
  }
  const isRecursive = select.has('RECURSIVEMATCH');
  const above = isRecursive ? namesAboveSelected(mailboxes, select) : new Set<string>();
  // RFC 9051 6.3.9.3: what is not selected itself is told only for what is below it and not told.
  const untold = isRecursive ? others.flatMap(({ mailbox }) => mailbox ?? []) : [];
  const aboveUntold = namesAboveSelected(untold, select);
  const isSubscriptionAsked = select.has('SUBSCRIBED') || answer.has('SUBSCRIBED');
  for (const node of matching) {
    const { name, mailbox } = node;
    const isSelected = isSelectedBy(node, select);
    if (!isSelected && !aboveUntold.has(name)) continue;
    client.out.text(lineOf(node, { isSubscriptionAsked, info: above.has(name) ? childInfo(select) : '', client }));
    if (status.length > 0 && mailbox?.status !== undefined && isSelected) {
      await writeStatus(client, { name, status: mailbox.status, items: status });
    }
    if (client.out.isFull) await client.out.flush();
  }
}

function lineOf(
  { name, mailbox, hasChildren }: Node,
  { isSubscriptionAsked, info, client }: { readonly isSubscriptionAsked: boolean; readonly info: string; readonly client: Client },
): string {
  const attributes: string[] = [];
  // RFC 5258 3: what does not exist, in the words of the older ones.
  if (mailbox?.isGone === true) attributes.push(String.raw`\NonExistent`);
  else if (mailbox === undefined) attributes.push(client.enabled.isRev2 ? String.raw`\NonExistent` : String.raw`\Noselect`);
  else if (mailbox.status === undefined) attributes.push(String.raw`\Noselect`);
  // RFC 3348: always, it costs nothing here.
  attributes.push(hasChildren ? String.raw`\HasChildren` : String.raw`\HasNoChildren`);
  if (isSubscriptionAsked && mailbox?.isSubscribed === true) attributes.push(String.raw`\Subscribed`);
  // RFC 6154 2: in every answer, many clients look only there.
  if (mailbox?.use !== undefined) attributes.push(`\\${mailbox.use}`);
  return `* LIST (${attributes.join(' ')}) "/" ${mailboxName(name, client.enabled)}${info}\r\n`;
}

/** RFC 5258 4: by what those below were selected. */
function childInfo(select: ReadonlySet<string>): string {
  const options = SELECTS.filter((option) => select.has(option)).map((option) => `"${option}"`);
  return ` ("CHILDINFO" (${options.join(' ')}))`;
}

/** By name, with the parents that no mailbox has: those of mailboxes, and those of names that are only subscribed to. */
export function nodesOf(mailboxes: readonly ListedMailbox[]): Node[] {
  const byName = new Map(mailboxes.map((mailbox) => [mailbox.name, mailbox]));
  const parents = new Set(mailboxes.filter(({ isGone }) => isGone !== true).flatMap(({ name }) => namesAbove(name)));
  return [...new Set(mailboxes.flatMap(({ name }) => [...namesAbove(name), name]))]
    .sort()
    .map((name) => ({ name, ...mailboxOf(byName.get(name)), hasChildren: parents.has(name) }));
}

export function namesAbove(name: string): string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function mailboxOf(mailbox: ListedMailbox | undefined): { readonly mailbox?: ListedMailbox } {
  return mailbox === undefined ? {} : { mailbox };
}

function namesAboveSelected(mailboxes: readonly ListedMailbox[], select: ReadonlySet<string>): Set<string> {
  return new Set(mailboxes.filter((mailbox) => isWanted(mailbox, select)).flatMap(({ name }) => namesAbove(name)));
}

function isSelectedBy({ mailbox, hasChildren }: Node, select: ReadonlySet<string>): boolean {
  if (mailbox !== undefined && mailbox.isGone !== true) return isWanted(mailbox, select);
  // RFC 5258 3: what does not exist is told for what is below it, or because it is subscribed to.
  if (select.size === 0) return hasChildren;
  return mailbox !== undefined && select.has('SUBSCRIBED') && isWanted(mailbox, select);
}

function isWanted(mailbox: ListedMailbox, select: ReadonlySet<string>): boolean {
  if (select.has('SUBSCRIBED') && !mailbox.isSubscribed) return false;
  return !select.has('SPECIAL-USE') || mailbox.use !== undefined;
}
