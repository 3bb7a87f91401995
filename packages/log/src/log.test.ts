import { MailError, Secret } from '@stopgap/core';
import { describe, expect, test } from 'vitest';
import { createLog, silentLog, type Log, type LogLevel } from './index.ts';

const open = (format: 'json' | 'pretty' = 'json', level: LogLevel = 'debug') => {
  const lines: string[] = [];
  const log = createLog({ level, format, write: (line) => lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> };
};
const writeBoth = (use: (log: Log) => void) =>
  (['json', 'pretty'] as const).map((format) => {
    const { log, lines } = open(format);
    use(log);
    return lines.join('');
  });

describe('a line', () => {
  test('in JSON is one object with time, level, message and fields', () => {
    const { log, lines, last } = open();
    log.info('delivered', { id: 's1', elapsedMs: 12 });
    expect(last()).toEqual({ time: expect.stringMatching(/^\d{4}-.*Z$/), level: 'info', message: 'delivered', id: 's1', elapsedMs: 12 });
    expect(lines[0]?.endsWith('}\n')).toBe(true);
  });

  test('for people is short', () => {
    const { log, lines } = open('pretty');
    log.warn('outage began', { path: 'a outgoing smtp', count: 2, text: 'say "hi"' });
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d warn  outage began path=a outgoing smtp count=2 text="say \\"hi\\""\n$/);
  });

  test('below the level is not written', () => {
    const { log, lines } = open('json', 'warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['c', 'd']);
  });

  test('of a child carries the fields of its parents', () => {
    const { log, last } = open();
    log.child({ scope: 'mail' }).child({ path: 'p' }).info('x', { own: 1 });
    expect(last()).toMatchObject({ scope: 'mail', path: 'p', own: 1 });
  });
});

describe('secrets', () => {
  test.each([
    'password',
    'Password',
    'userPassword',
    'pass',
    'passphrase',
    'clientSecret',
    'authorization',
    'set-cookie',
    'accessToken',
    'credential',
    'key',
  ])('a field named %s is not written, at any depth', (name) => {
    for (const text of writeBoth((log) => log.info('x', { [name]: 'hunter2', a: { b: [{ [name]: { deep: 'hunter2' } }] } }))) {
      expect(text).not.toContain('hunter2');
      expect(text).toContain('[secret]');
    }
  });

  test('a Secret is not written, wherever it stands and whatever its name', () => {
    const secret = new Secret('hunter2');
    const use = (log: Log) => {
      log
        .child({ who: secret })
        .info('x', { value: secret, list: [secret], text: String(secret), error: new Error(`with ${String(secret)}`) });
    };
    for (const text of writeBoth(use)) expect(text).not.toContain('hunter2');
  });

  test('a field of a child is redacted too', () => {
    for (const text of writeBoth((log) => log.child({ password: 'hunter2' }).info('x'))) expect(text).not.toContain('hunter2');
  });
});

describe('what came over the network', () => {
  test('stays on one line and moves no cursor, in both formats', () => {
    const hostile = 'a\r\n\u001b[31mforged\u0000 \u007f \u009b31m \u2028 \u202egpj.exe';
    for (const text of writeBoth((log) => log.info('x', { reply: hostile, list: [hostile], [hostile.slice(0, 3)]: 1 }))) {
      expect(text.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
      expect(text.match(/\n/g)).toHaveLength(1);
    }
  });

  test('means the same when the JSON is read', () => {
    const { log, last } = open();
    log.info('x', { reply: 'a\u009b\u202e\u2028b' });
    expect(last()['reply']).toBe('a\u009b\u202e\u2028b');
  });

  test('is cut when it is too long', () => {
    const { log, lines } = open();
    log.info('x', { reply: 'r'.repeat(1_000_000) });
    expect(lines[0]?.length).toBeLessThan(10_000);
  });
});

describe('an error', () => {
  test('that was expected is written with its cause and without a stack', () => {
    const { log, last } = open();
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    log.info('x', {
      error: new MailError('transient', 'no connection', {
        code: 'connect',
        cause: new MailError('transient', 'inner', { code: 'i', cause }),
      }),
    });
    expect(last()['error']).toMatchObject({
      name: 'MailError',
      text: 'no connection',
      code: 'connect',
      cause: { text: 'inner', cause: { code: 'ECONNRESET' } },
    });
    expect(last()['error']).not.toHaveProperty('stack');
  });

  test('that nobody expected is written with its stack', () => {
    const { log, last } = open();
    log.error('x', { error: new TypeError('oops') });
    expect(last()['error']).toMatchObject({ name: 'TypeError', stack: expect.stringContaining('log.test.ts') });
  });

  test('below the first level is described too, also when its cause is no error', () => {
    const { log, last } = open();
    log.error('x', { job: { errors: [new Error('inside', { cause: 'because' })] } });
    expect(last()['job']).toMatchObject({ errors: [{ text: 'inside', cause: 'because' }] });
  });

  test('that is its own cause, or an object that holds itself, ends', () => {
    const { log, lines } = open();
    const error = new MailError('transient', 'round', { code: 'r' });
    Object.assign(error, { cause: error });
    const round: Record<string, unknown> = {};
    round['self'] = round;
    log.error('x', { error, round });
    expect(lines[0]).toContain('[deep]');
  });
});

test('the silent log says nothing and has silent children', () => {
  const log = silentLog();
  expect(log.child({ a: 1 })).toBe(log);
  expect(() => log.flush()).not.toThrow();
});
