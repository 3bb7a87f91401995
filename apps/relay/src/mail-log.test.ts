import { createLog, createMailEvents } from '@stopgap/log';
import { asId, Secret } from '@stopgap/core';
import { expect, test } from 'vitest';
import { intakeEvents, logInEvents } from './mail-log.ts';

function recorded() {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', format: 'json', write: (line) => void lines.push(line) });
  const events = createMailEvents({ log });
  return { log, events, all: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>), text: () => lines.join('') };
}

const LOG_IN = { account: asId.account('alice@x.test'), address: 'alice@x.test' };

test('a refusal stands in the mail log with its code, its words and the account that met it', () => {
  const { log, events, all } = recorded();
  const { refused } = intakeEvents(events, log);
  refused({
    door: 'submission',
    remoteAddress: '192.0.2.1',
    login: LOG_IN,
    command: 'RCPT',
    reply: { code: 550, text: '5.1.3 no' },
  } as unknown as Parameters<typeof refused>[0]);
  expect(all()).toHaveLength(1);
  expect(all()[0]).toMatchObject({ account: 'alice@x.test', code: 550, reply: '5.1.3 no', door: 'submission' });
});

test('a log-in is told with its result and never with its password', () => {
  const { events, all, text } = recorded();
  const { loggedIn } = logInEvents(events);
  const request = { door: 'submission', address: 'alice@x.test', remoteAddress: '192.0.2.1', password: new Secret('s3cret-word') };
  loggedIn({ request, result: { kind: 'refused' }, isNew: false } as unknown as Parameters<typeof loggedIn>[0]);
  expect(all()[0]).toMatchObject({ address: 'alice@x.test', result: 'refused' });
  expect(text()).not.toContain('s3cret-word');
});

test('a connection that fails is for those who look closely', () => {
  const { log, events, all } = recorded();
  const { failed } = intakeEvents(events, log);
  failed({ door: 'submissions', remoteAddress: '192.0.2.1', error: new Error('reset') });
  expect(all()[0]).toMatchObject({ level: 'debug', door: 'submissions' });
});
