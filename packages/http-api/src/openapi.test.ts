import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOCUMENTED } from './openapi.ts';
import { startBench, type Bench } from './test-bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

test('every path of the document is there with its methods, and no other method', async () => {
  expect((await bench.ask('/api/openapi.json')).status).toBe(200);
  for (const [path, methods] of DOCUMENTED) {
    const answer = await bench.ask(path, { method: 'PATCH' });
    expect(answer.status).toBe(405);
    const allowed = (answer.headers.get('allow') ?? '').split(', ').filter((method) => method !== 'HEAD');
    expect([path, ...allowed.toSorted()]).toEqual([path, ...methods.toSorted()]);
  }
});
