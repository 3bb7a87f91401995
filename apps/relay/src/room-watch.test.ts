import { tmpdir } from 'node:os';
import { until } from '@stopgap/testkit';
import { describe, expect, test } from 'vitest';
import { roomWatch, type DiskFigures } from './room-watch.ts';

const MB = 1024 * 1024;
const disk = (freeBytes: number, totalBytes: number): DiskFigures => ({ bsize: 4096, bavail: freeBytes / 4096, blocks: totalBytes / 4096 });

describe('room on the disk', () => {
  test('the last 32 MB are kept for what is under way', () => {
    using room = roomWatch('/data', () => disk(40 * MB, 1000 * MB));
    expect(room.hasRoomFor(7 * MB)).toBe(true);
    expect(room.hasRoomFor(9 * MB)).toBe(false);
  });

  test('what was granted is gone until the disk has been looked at again', async () => {
    let freeBytes = 40 * MB;
    using room = roomWatch('/data', () => disk(freeBytes, 1000 * MB));
    expect([1, 2, 3].map(() => room.hasRoomFor(3 * MB))).toEqual([true, true, false]);
    freeBytes = 900 * MB;
    await until(() => room.hasRoomFor(3 * MB));
  });

  test('of a small disk a tenth is kept', () => {
    using room = roomWatch('/data', () => disk(11 * MB, 100 * MB));
    expect(room.hasRoomFor(MB / 2)).toBe(true);
    expect(room.hasRoomFor(2 * MB)).toBe(false);
  });

  test('it notices by itself that the disk has filled, and that there is room again', async () => {
    let freeBytes = 900 * MB;
    using room = roomWatch('/data', () => disk(freeBytes, 1000 * MB));
    expect(room.hasRoomFor(MB)).toBe(true);
    freeBytes = 0;
    await until(() => !room.hasRoomFor(MB));
    freeBytes = 900 * MB;
    await until(() => room.hasRoomFor(MB));
  });

  test('a disk that can not be asked takes nothing', () => {
    using room = roomWatch('/data', () => {
      throw new Error('EIO');
    });
    expect(room.hasRoomFor(1)).toBe(false);
  });

  test('a real file system has room for a byte and none for a world', () => {
    using room = roomWatch(tmpdir());
    expect(room.hasRoomFor(1)).toBe(true);
    expect(room.hasRoomFor(2 ** 70)).toBe(false);
  });
});
