import type { LogIn, LogInRequest } from '@stopgap/accounts';
import type { Log, MailEvents } from '@stopgap/log';
import type { ImapEvents } from '@stopgap/imap-server';
import type { Pop3Events } from '@stopgap/pop3-server';
import type { IntakeEvents } from '@stopgap/smtp-intake';

/** What the doors tell, in the words of the mail log. */
export function intakeEvents(events: MailEvents, log: Log): IntakeEvents {
  return {
    accepted: ({ login, ...event }) => events.accepted({ ...event, account: login.account }),
    refused: ({ login, reply, ...event }) =>
      events.refused({ ...event, ...(login ? { account: login.account } : {}), code: reply.code, reply: reply.text }),
    failed: ({ door, remoteAddress, error }) => log.debug('a connection failed', { door, remoteAddress, error }),
  };
}

export function imapEvents(log: Log): ImapEvents {
  return {
    failed: (event) =>
      event.command === undefined ? log.debug('a connection failed', event) : log.warn('an IMAP command failed by our own fault', event),
  };
}

export function pop3Events(log: Log): Pop3Events {
  return {
    ended: (event) => log.info('POP3 session ended', event),
    // Connections that break are not told of: it is the listener, or a command of ours.
    failed: ({ door, remoteAddress, error }) => log.warn('a POP3 command failed by our own fault', { door, remoteAddress, error }),
  };
}

export function logInEvents(events: MailEvents) {
  return {
    loggedIn: ({ request, result, isNew }: { readonly request: LogInRequest; readonly result: LogIn; readonly isNew: boolean }) =>
      events.loggedIn({ door: request.door, address: request.address, remoteAddress: request.remoteAddress, result: result.kind, isNew }),
  };
}
