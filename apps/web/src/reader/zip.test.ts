import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { uniqueNames, zipOf } from './zip.ts';

const AT = new Date(2026, 10, 26, 12, 34, 56);

test('an archive holds each file under its name, with its check sum, and says where it is', async () => {
  const files = [
    { name: 'Grüße.txt', blob: new Blob(['hello']) },
    { name: 'empty', blob: new Blob([]) },
    { name: 'large.bin', blob: new Blob([new Uint8Array(300_000).fill(7)]) },
  ];
  const bytes = Buffer.from(await (await zipOf(files, AT)).arrayBuffer());
  const end = bytes.length - 22;
  expect(bytes.readUInt32LE(end)).toBe(0x06054b50);
  expect(bytes.readUInt16LE(end + 10)).toBe(3);
  let at = bytes.readUInt32LE(end + 16);
  expect(at + bytes.readUInt32LE(end + 12)).toBe(end);
  for (const { name, blob } of files) {
    const content = Buffer.from(await blob.arrayBuffer());
    const nameBytes = Buffer.from(name);
    const local = bytes.readUInt32LE(at + 42);
    for (const [place, fields] of [
      [at, at + 6],
      [local, local + 4],
    ] as const) {
      expect(bytes.readUInt32LE(fields + 10)).toBe(crc32(content));
      expect(bytes.readUInt32LE(fields + 14)).toBe(content.length);
      expect(bytes.readUInt16LE(fields + 22)).toBe(nameBytes.length);
      expect(bytes.readUInt32LE(place)).toBe(place === at ? 0x02014b50 : 0x04034b50);
    }
    const data = local + 30 + nameBytes.length;
    expect(bytes.subarray(local + 30, data)).toEqual(nameBytes);
    expect(bytes.subarray(data, data + content.length).equals(content)).toBe(true);
    at += 46 + nameBytes.length;
  }
  expect(at).toBe(end);
});

test('of nothing there is an empty archive', async () => {
  expect((await zipOf([], AT)).size).toBe(22);
});

test.for<[string[], string[]]>([
  [
    ['a.png', 'a.png', 'A.PNG'],
    ['a.png', 'a (2).png', 'A (3).PNG'],
  ],
  [
    ['a (2).png', 'a.png', 'a.png'],
    ['a (2).png', 'a.png', 'a (3).png'],
  ],
  [
    ['x', 'x', 'archive.tar.gz', 'archive.tar.gz'],
    ['x', 'x (2)', 'archive.tar.gz', 'archive.tar (2).gz'],
  ],
  [
    ['CON', 'nul.txt', 'a. ', 'a', '...'],
    ['_CON', '_nul.txt', 'a', 'a (2)', '_'],
  ],
])('%j are written as %j', ([names, wanted]) => {
  expect(uniqueNames(names)).toEqual(wanted);
});
