import { asId, type Reason } from '@stopgap/core';
import { expect, test } from 'vitest';
import { createLog, createMailEvents, type MailEvents } from './index.ts';

const who = { id: asId.submission('s1'), account: asId.account('alice@provider.test'), to: 'bob@outside.test' };
const path = asId.path('provider outgoing smtp smtp.provider.test:587');
const outcome = { ...who, from: 'alice@provider.test', route: path, elapsedMs: 7 };
const reason: Reason = { class: 'greylist', text: 'smtp.provider.test said: 450 <bob@outside.test> later', host: 'smtp.provider.test' };

/** Each event once: what it is called in the log, and the metric that it counts. */
const EVENTS: readonly (readonly [keyof Omit<MailEvents, 'registry'>, string, (events: MailEvents) => void, string])[] = [
  [
    'mirrored',
    'mirrored',
    (events) => events.mirrored({ account: who.account, path, messages: 3, isNew: 2, sizeBytes: 900 }),
    `stopgap_mirrored_total{path="${path}"} 3`,
  ],
  [
    'caughtUp',
    'catching up begun',
    (events) => events.caughtUp({ account: who.account, path, state: 'begun', messages: 100, total: 900, ratePerS: 80, leftS: 10 }),
    `stopgap_mirror_catch_ups_total{path="${path}",state="begun"} 1`,
  ],
  [
    'carriedBack',
    'carried back',
    (events) => events.carriedBack({ account: who.account, path, kind: 'move', intents: 2 }),
    `stopgap_carried_back_total{path="${path}",kind="move",outcome="done"} 2`,
  ],
  [
    'notCarriedBack',
    'not carried back',
    (events) => events.notCarriedBack({ account: who.account, path, kind: 'append', intents: 1, reason }),
    `stopgap_carried_back_total{path="${path}",kind="append",outcome="failed"} 1`,
  ],
  [
    'deletionsHeld',
    'deletions held',
    (events) => events.deletionsHeld({ account: who.account, path, mailbox: 'Work', gone: 30, of: 40 }),
    `stopgap_deletions_held_total{path="${path}"} 1`,
  ],
  ['restored', 'restored', (events) => events.restored({ account: who.account, restored: 4, refused: 1 }), 'stopgap_restored_total 4'],
  [
    'pathSwitched',
    'path switched',
    (events) => events.pathSwitched({ account: who.account, from: undefined, to: path }),
    `stopgap_mirror_path_switches_total{path="${path}"} 1`,
  ],
  [
    'accepted',
    'accepted',
    (events) => {
      const message = { from: 'alice@provider.test', recipients: 2, sizeBytes: 900, messageId: '<m@provider.test>' };
      events.accepted({ id: who.id, account: who.account, ...message, remoteAddress: '192.0.2.1', repeated: false });
    },
    'stopgap_accepted_total{repeated="false"} 1',
  ],
  [
    'refused',
    'refused',
    (events) => events.refused({ from: 'x@y.test', code: 552, reply: 'too big', remoteAddress: '192.0.2.1' }),
    'stopgap_refused_total{code="552"} 1',
  ],
  [
    'loggedIn',
    'logged in',
    (events) =>
      events.loggedIn({ door: 'smtp', address: 'alice@provider.test', remoteAddress: '192.0.2.1', result: 'accepted', isNew: true }),
    'stopgap_logins_total{door="smtp",result="accepted"} 1',
  ],
  [
    'loggedIn',
    'not logged in',
    (events) =>
      events.loggedIn({ door: 'smtp', address: 'alice@provider.test', remoteAddress: '192.0.2.1', result: 'refused', isNew: false }),
    'stopgap_logins_total{door="smtp",result="refused"} 1',
  ],
  [
    'attempted',
    'attempted',
    (events) => events.attempted({ ...who, route: path, recipients: 1 }),
    `stopgap_attempts_total{route="${path}"} 1`,
  ],
  [
    'delivered',
    'delivered',
    (events) => events.delivered({ ...outcome, waitedMs: 2000, reply: '250 ok' }),
    `stopgap_outcomes_total{outcome="delivered",route="${path}",class=""} 1`,
  ],
  [
    'deferred',
    'deferred',
    (events) => events.deferred({ ...outcome, reason }),
    `stopgap_outcomes_total{outcome="deferred",route="${path}",class="greylist"} 1`,
  ],
  [
    'rejected',
    'rejected',
    (events) => events.rejected({ ...outcome, reason }),
    `stopgap_outcomes_total{outcome="rejected",route="${path}",class="greylist"} 1`,
  ],
  [
    'unsure',
    'unsure',
    (events) => events.unsure({ ...outcome, reason }),
    `stopgap_outcomes_total{outcome="unsure",route="${path}",class="greylist"} 1`,
  ],
  [
    'resolved',
    'resolved',
    (events) => events.resolved({ ...who, route: path, as: 'resend', by: 'policy' }),
    `stopgap_outcomes_total{outcome="unsure-resend",route="${path}",class="policy"} 1`,
  ],
  [
    'expired',
    'expired',
    (events) => events.expired({ ...who, from: 'alice@provider.test', reason }),
    'stopgap_outcomes_total{outcome="expired",route="",class="greylist"} 1',
  ],
  [
    'noticed',
    'notice made',
    (events) =>
      events.noticed({ ...who, id: asId.submission('s2'), about: who.id, to: 'alice@provider.test', kind: 'failed', recipients: 1 }),
    'stopgap_notices_total{kind="failed"} 1',
  ],
  [
    'decided',
    'decided',
    (events) => events.decided({ id: who.id, account: who.account, decision: 'hold', recipients: 1, at: '2026-01-01T00:00:00.000Z' }),
    'stopgap_decisions_total{decision="hold"} 1',
  ],
  [
    'pathMoved',
    'path moved',
    (events) => events.pathMoved({ path, state: 'impaired', sinceMs: 0, reason }, 'up'),
    `stopgap_path_up{path="${path}"} 0.5`,
  ],
  [
    'outageStarted',
    'outage began',
    (events) => events.outageStarted({ path, startMs: 0, reason }),
    `stopgap_outages_total{path="${path}",class="greylist"} 1`,
  ],
];

const open = () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level: 'debug', format: 'json', write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) });
  return { lines, events: createMailEvents({ log }) };
};

test.each(EVENTS)('%s writes one line of the mail log and counts its metric', async (_, message, say, metric) => {
  const { lines, events } = open();
  say(events);
  expect(lines).toEqual([expect.objectContaining({ scope: 'mail', message })]);
  expect(await events.registry.metrics()).toContain(metric);
});

test('an outage that ends, and the depth of the queue, are told', async () => {
  const { lines, events } = open();
  events.outageEnded({ path, startMs: 0, endMs: 60_000, reason });
  expect(lines[0]).toMatchObject({ level: 'info', message: 'outage ended', since: '1970-01-01T00:00:00.000Z' });
  events.queueDepth({ waiting: 5, unsure: 1, held: 0 });
  const metrics = await events.registry.metrics();
  expect(metrics).toContain('stopgap_queue_recipients{state="waiting"} 5');
  expect(metrics).toContain('stopgap_queue_recipients{state="held"} 0');
});

test('how far the mirrors are is shown, and a state that nobody is in any more is not', async () => {
  const { lines, events } = open();
  events.mirrorsFound({ accounts: { syncing: 2, held: 1 }, messages: 30, total: 40, intents: 3 });
  events.mirrorsFound({ accounts: { idle: 3 }, messages: 40, total: 40, intents: 0 });
  const shown = (await events.registry.metrics()).split('\n').filter((line) => line.startsWith('stopgap_mirror_'));
  expect(shown).toEqual([
    'stopgap_mirror_accounts{state="idle"} 3',
    'stopgap_mirror_messages{where="here"} 40',
    'stopgap_mirror_messages{where="total"} 40',
    'stopgap_mirror_intents 0',
  ]);
  expect(lines).toEqual([]);
});

test('a path that nobody has seen yet is shown as unknown, not as down', async () => {
  const { lines, events } = open();
  const shown = async () => (await events.registry.metrics()).split('\n').filter((line) => line.startsWith('stopgap_path_'));
  const states = (now: string) =>
    ['up', 'impaired', 'down', 'unknown'].map((state) => `stopgap_path_state{path="${path}",state="${state}"} ${Number(state === now)}`);
  events.pathsFound([{ path, state: 'down', sinceMs: 0, reason }]);
  expect(await shown()).toEqual([`stopgap_path_up{path="${path}"} 0`, ...states('down')]);
  events.pathMoved({ path, state: 'unknown', sinceMs: 0 }, 'down');
  expect(await shown()).toEqual(states('unknown'));
  events.pathMoved({ path, state: 'up', sinceMs: 0 }, 'unknown');
  expect(await shown()).toEqual([`stopgap_path_up{path="${path}"} 1`, ...states('up')]);
  expect(lines.map(({ message }) => message)).toEqual(['path moved', 'path moved']);
});

test('a refusal that was our fault is an error, any other is not', () => {
  const { lines, events } = open();
  const refusal = { from: 'x@y.test', code: 451, reply: 'later', remoteAddress: '192.0.2.1' };
  events.refused(refusal);
  events.refused({ ...refusal, error: new Error('disk') });
  expect(lines.map(({ level }) => level)).toEqual(['info', 'error']);
});

test('no mail address and no client address ever stands in the metrics', async () => {
  const { events } = open();
  for (const [, , say] of EVENTS) say(events);
  const metrics = await events.registry.metrics();
  expect(metrics).not.toMatch(/alice|bob|x@y|192\.0\.2/);
  expect(metrics).not.toContain('@');
});

test('two sets of events count by themselves', async () => {
  const [one, two] = [open(), open()];
  one.events.queueDepth({ waiting: 5, unsure: 0, held: 0 });
  expect(await two.events.registry.metrics()).not.toContain('state="waiting"');
});
