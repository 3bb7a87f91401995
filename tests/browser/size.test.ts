import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { buildClient } from './desk.ts';

const BUILT = resolve(import.meta.dirname, '../../apps/web/dist');
/** gzip; what a phone on a bad line has to wait for: before the log-in can be typed, and before there is a mailbox in one language. */
const LOG_IN_BYTES = 12_000;
const MAILBOX_BYTES = 130_000;
const TOTAL_BYTES = 300_000;

beforeAll(buildClient);

function gzipBytes(path: string): number {
  return gzipSync(readFileSync(resolve(BUILT, path)), { level: 9 }).length;
}

test('the client is small enough for a bad line', () => {
  const page = readFileSync(resolve(BUILT, 'index.html'), 'utf8');
  const scripts = readdirSync(resolve(BUILT, 'assets')).filter((name) => name.endsWith('.js'));
  const sizes = new Map(scripts.map((name) => [name, gzipBytes(`assets/${name}`)]));
  const logIn = scripts.filter((name) => page.includes(` src="./assets/${name}"`));
  const mailbox = [...logIn, ...scripts.filter((name) => /^(?:mailbox|rolldown-runtime|de)-/.test(name))];
  const sum = (names: readonly string[]): number => names.reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
  console.table([...sizes].map(([name, gzip]) => ({ name, gzip, isLogIn: logIn.includes(name), isMailbox: mailbox.includes(name) })));
  console.log(`JavaScript for the log-in: ${sum(logIn)} bytes gzip; with the mailbox: ${sum(mailbox)}; in all: ${sum(scripts)}`);
  expect([logIn.length, mailbox.length]).toEqual([1, 4]);
  expect(sum(logIn)).toBeLessThanOrEqual(LOG_IN_BYTES);
  expect(sum(mailbox)).toBeLessThanOrEqual(MAILBOX_BYTES);
  expect(sum(scripts)).toBeLessThanOrEqual(TOTAL_BYTES);
  // Or a slow line would be idle while the log-in comes to life.
  const ahead = [...page.matchAll(/rel="(?:module)?preload"[^>]* href="\.\/assets\/([a-z]+)-[^"]+\.([a-z]+)"/g)].map(
    ([, name, type]) => `${name}.${type}`,
  );
  expect(ahead).toEqual(['mailbox.js', 'mailbox.css']);
  // The page's policy would stop them.
  expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|<style|\sstyle=/i);
});
