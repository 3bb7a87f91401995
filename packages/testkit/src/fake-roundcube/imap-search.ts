import { headerFields, type FakeMailbox, type FakeMessage } from './mailboxes.ts';

type Test = (message: FakeMessage) => boolean;

const FLAGS = new Set(['SEEN', 'FLAGGED', 'ANSWERED', 'DELETED', 'DRAFT']);

/** RFC 9051 6.4.4, the keys that callers of a webmail use. Undefined: not sound, or not among them. */
export function search(mailbox: FakeMailbox, criterion: string): FakeMessage[] | undefined {
  const words = criterion.match(/\(|\)|"[^"]*"|[^\s()"]+/g) ?? [];
  try {
    const test = all(words, mailbox);
    return words.length > 0 ? undefined : mailbox.messages.filter(test);
  } catch {
    return undefined;
  }
}

/** Takes what it reads from the front of `words`. */
function all(words: string[], mailbox: FakeMailbox): Test {
  const tests: Test[] = [];
  while (words.length > 0 && words[0] !== ')') tests.push(key(words, mailbox));
  return (message) => tests.every((test) => test(message));
}

function key(words: string[], mailbox: FakeMailbox): Test {
  const word = next(words);
  const name = word.toUpperCase();
  if (word === '(') {
    const inner = all(words, mailbox);
    if (next(words) !== ')') throw new Error('an open parenthesis');
    return inner;
  }
  if (name === 'ALL') return () => true;
  if (FLAGS.has(name)) return (message) => message.flags.has(`$${name.toLowerCase()}`);
  if (name.startsWith('UN') && FLAGS.has(name.slice(2))) return (message) => !message.flags.has(`$${name.slice(2).toLowerCase()}`);
  if (name === 'NOT') return negated(key(words, mailbox));
  if (name === 'OR') return either(key(words, mailbox), key(words, mailbox));
  const argument = next(words).replaceAll('"', '');
  if (name === 'UID') return inSet(argument, mailbox);
  if (name === 'KEYWORD') return (message) => message.flags.has(argument.toLowerCase());
  if (name === 'LARGER') return (message) => message.raw.length > Number(argument);
  if (name === 'SMALLER') return (message) => message.raw.length < Number(argument);
  if (name !== 'HEADER') throw new Error(`no key ${name}`);
  const needle = next(words).replaceAll('"', '').toLowerCase();
  return (message) =>
    headerFields(message.raw).some(([field, value]) => field === argument.toLowerCase() && value.toLowerCase().includes(needle));
}

function next(words: string[]): string {
  const word = words.shift();
  if (word === undefined) throw new Error('an end too early');
  return word;
}

function negated(test: Test): Test {
  return (message) => !test(message);
}

function either(one: Test, other: Test): Test {
  return (message) => one(message) || other(message);
}

/** `n:*` always holds the last message. */
export function inSet(set: string, mailbox: FakeMailbox): Test {
  if (!/^(?:(?:\d+|\*)(?::(?:\d+|\*))?)(?:,(?:\d+|\*)(?::(?:\d+|\*))?)*$/.test(set)) throw new Error('no set');
  const last = Math.max(0, ...mailbox.messages.map((message) => message.uid));
  const ranges = set.split(',').map((range) => {
    const ends = range.split(':').map((end) => (end === '*' ? last : Number(end)));
    return [Math.min(...ends), Math.max(...ends)] as const;
  });
  return ({ uid }) => ranges.some(([low, high]) => uid >= low && uid <= high);
}
