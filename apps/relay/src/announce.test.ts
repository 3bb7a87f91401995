import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@stopgap/config';
import { expect, test } from 'vitest';
import { plainWords } from './announce.ts';
import { ALL_ROLES, readRoles } from './roles.ts';

const config = loadConfig({ env: {}, cwd: mkdtempSync(join(tmpdir(), 'stopgap-announce-')) });
const doors = { submission: { host: '127.0.0.1', port: 2587 }, http: { host: '127.0.0.1', port: 2080 } };
const provider = (domains: readonly string[]) =>
  ({ name: 'x', domains, incoming: [], outgoing: [] }) as unknown as (typeof config.providers)[0];

test('without a provider, the doors and the next step are told', () => {
  const text = plainWords({ roles: ALL_ROLES, config, doors, isSelfSigned: true, called: 'stopgap' });
  expect(text).toContain('127.0.0.1:2587');
  expect(text).toContain('http://127.0.0.1:2080/status.json');
  expect(text).toContain('write a stopgap.yaml');
  expect(text).toContain('"stopgap config example"');
  expect(text).toContain('self-signed');
});

test('where a page can set everything up, it is named, and the code that other machines need', () => {
  const everywhere = { ...doors, http: { host: '0.0.0.0', port: 2080 } };
  const text = plainWords({ roles: ALL_ROLES, config, doors: everywhere, isSelfSigned: true, called: 'stopgap', setupCode: 'abcde-fghij' });
  expect(text).toContain('Open http://localhost:2080/ in a browser');
  expect(text).toContain('asks for this code: abcde-fghij');
  expect(text).toContain('"stopgap config example"');
});

test('with a provider, the next step is the mail program', () => {
  const text = plainWords({
    roles: ALL_ROLES,
    config: { ...config, providers: [provider(['a.test'])] },
    doors,
    isSelfSigned: false,
    called: 'stopgap',
  });
  expect(text).toContain('outgoing server of a mail program to 127.0.0.1:2587');
  expect(text).toContain('a.test');
  expect(text).not.toContain('self-signed');
});

test('a relay of which only a part runs says so', () => {
  const text = plainWords({ roles: readRoles('intake,http'), config, doors, isSelfSigned: false, called: 'stopgap' });
  expect(text).toContain('only intake, http; not deliver');
  expect(plainWords({ roles: ALL_ROLES, config, doors, isSelfSigned: false, called: 'stopgap' })).not.toContain('only');
});

test('a hundred domains do not fill the screen', () => {
  const domains = Array.from({ length: 100 }, (_, n) => `d${n}.test`);
  const text = plainWords({
    roles: ALL_ROLES,
    config: { ...config, providers: [provider(domains)] },
    doors,
    isSelfSigned: false,
    called: 'stopgap',
  });
  expect(text).toContain('and 97 more domains');
  expect(text).not.toContain('d50.test');
});
