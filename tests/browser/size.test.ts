import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { buildClient } from './desk.ts';

const BUILT = resolve(import.meta.dirname, '../../apps/web/dist');
/** gzip; what a phone on a bad line has to wait for. */
const FIRST_SCREEN_BYTES = 130_000;
const TOTAL_BYTES = 300_000;

beforeAll(buildClient);

function gzipBytes(path: string): number {
  return gzipSync(readFileSync(resolve(BUILT, path)), { level: 9 }).length;
}

test('the client is small enough for a bad line', () => {
  const page = readFileSync(resolve(BUILT, 'index.html'), 'utf8');
  const scripts = readdirSync(resolve(BUILT, 'assets')).filter((name) => name.endsWith('.js'));
  const sizes = new Map(scripts.map((name) => [name, gzipBytes(`assets/${name}`)]));
  const first = scripts.filter((name) => page.includes(name));
  const sum = (names: readonly string[]): number => names.reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
  console.table([...sizes].map(([name, gzip]) => ({ name, gzip, isFirst: first.includes(name) })));
  console.log(`JavaScript for the first screen: ${sum(first)} bytes gzip; in all: ${sum(scripts)}`);
  expect(first.length).toBeGreaterThan(0);
  expect(sum(first)).toBeLessThanOrEqual(FIRST_SCREEN_BYTES);
  expect(sum(scripts)).toBeLessThanOrEqual(TOTAL_BYTES);
  // The page's policy would stop them.
  expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|<style|\sstyle=/i);
});
