import { reading } from './en-reading.ts';
import { writing } from './en-writing.ts';
import { en as first } from './first/en.ts';

/** Every text of the client. Other languages have the same shape, which the compiler checks. */
export const en = {
  ...first,
  ...reading,
  ...writing,
  language: 'English',
  again: {
    title: 'Please log in again',
    text: 'Your session has ended. Nothing you wrote is lost: enter your password and go on.',
    other: 'Use another account',
    titleOthers: 'Another account is logged in',
    textOthers: (address: string) =>
      `In another window of this browser somebody has logged in. This one is still that of ${address}, and nothing you wrote is lost: enter your password and go on here. The other window will ask for its own.`,
    asOthers: 'Go on with that account',
  },
  folders: {
    title: 'Folders',
    inbox: 'Inbox',
    drafts: 'Drafts',
    sent: 'Sent',
    archive: 'Archive',
    junk: 'Junk',
    trash: 'Trash',
    unread: (count: number) => `${count} unread`,
    total: (count: number) => (count === 1 ? '1 message' : `${count} messages`),
    create: 'New folder',
    name: 'Name of the folder',
    empty: 'Empty folder',
    open: 'Show folders',
    taken: 'There is a folder of this name already.',
    noName: 'A name has no “/”, and more than blanks.',
    toMove: 'Move to folder',
    find: 'Find a folder',
    gone: 'There is no such folder.',
    none: 'No folder has such a name.',
    change: (name: string) => `Folder “${name}”`,
    within: 'In folder',
    topLevel: '(at the top)',
    remove: 'Delete folder',
    removed: (name: string) => `Folder “${name}” deleted`,
    removeQuestion: (name: string, messages: number) =>
      `Delete the folder “${name}”? It goes to the trash ${messages === 0 ? 'and' : messages === 1 ? 'with its message and' : `with its ${messages} messages and`} can be brought back from there.`,
    removeForGoodQuestion: (name: string, messages: number) =>
      messages === 0
        ? `Delete the folder “${name}” for good? It is empty.`
        : `Delete the folder “${name}” and the ${messages === 1 ? 'message' : `${messages} messages`} in it for good?`,
  },
  act: {
    compose: 'Write',
    reply: 'Reply',
    replyAll: 'Reply to all',
    forward: 'Forward',
    archive: 'Archive',
    junk: 'Junk',
    notJunk: 'Not junk',
    remove: 'Delete',
    removeForGood: 'Delete for good',
    removeQuestion: (count: number) => (count === 1 ? 'Delete this message for good?' : `Delete ${count} messages for good?`),
    move: 'Move',
    flag: 'Flag',
    unflag: 'Remove flag',
    markRead: 'Mark as read',
    markUnread: 'Mark as unread',
    print: 'Print',
    source: 'Show source',
    edit: 'Edit draft',
    next: 'Next message',
    previous: 'Previous message',
  },
  done: {
    moved: (count: number, to: string) => (count === 1 ? `Moved to ${to}` : `${count} messages moved to ${to}`),
    removed: (count: number) => (count === 1 ? 'Message deleted' : `${count} messages deleted`),
    changed: (count: number) => `${count} messages changed`,
    undone: 'Undone',
    failed: 'That did not work.',
    failedWhy: (why: string) => `That did not work: ${why}`,
    noAnswer: 'No connection. Please try again.',
    outdated: 'A newer version is open in another window. Load this window anew.',
    /** By the types of errors; the relay itself says them in English. */
    why: {} as Readonly<Record<string, string>>,
  },
  outbox: {
    title: 'Outbox',
    waiting: (count: number) => (count === 1 ? '1 message is waiting' : `${count} messages are waiting`),
  },
  situation: {
    path: { roundcube: 'webmail', smarthost: 'substitute server' } as Readonly<Record<string, string>>,
    route: {
      smtp: 'its mail server (SMTP)',
      imap: 'IMAP',
      pop3: 'POP3',
      jmap: 'JMAP',
      roundcube: 'its webmail',
      smarthost: 'a substitute server',
    } as Readonly<Record<string, string>>,
    outDown: (since: string) => `Your provider’s outgoing mail server has not answered since ${since}.`,
    outBy: (route: string) => `You can write as usual; what you send leaves through ${route}.`,
    outWaits: 'You can write as usual; what you send waits here safely and leaves as soon as a path opens.',
    inDown: (since: string) => `Your provider’s incoming mail server has not answered since ${since}.`,
    inBy: (route: string) => `New mail still comes in, through ${route}.`,
    inWaits: 'You see the mail that is here; new mail comes in as soon as a path opens.',
    allDown: (since: string) => `None of your provider’s servers has answered since ${since}.`,
    allDownText: 'You can read and write here. What you send waits safely and leaves as soon as a path opens.',
    more: 'Details',
    less: 'Hide details',
    pathState: { up: 'works', impaired: 'works partly', down: 'does not answer', unknown: 'not known yet' },
    incoming: 'Incoming',
    outgoing: 'Outgoing',
    since: (when: string) => `since ${when}`,
    mirror: (have: string, total: string) => `Fetching your mailbox: ${have} of ${total}, newest first`,
    carry: (count: number) =>
      count === 1 ? '1 change waits to be carried to the provider' : `${count} changes wait to be carried to the provider`,
    offline: 'No connection to this service. What you see may be old; we keep trying.',
    changesWait: (count: number) =>
      count === 1 ? 'One change to your mail waits here for a connection.' : `${count} changes to your mail wait here for a connection.`,
    doNotClose: 'Do not close this window until then.',
  },
  settings: {
    title: 'Settings',
  },
};

export type Words = typeof en;
