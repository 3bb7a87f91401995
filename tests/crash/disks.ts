/* File systems of our own to cut the power of and to fill, mounted below a temporary directory. They need root and loop devices. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** mkfs.xfs makes nothing smaller than 300 MB; the file is sparse. */
const XFS_BYTES = 350 * 1024 * 1024;
/**
 * XFS_IOC_GOINGDOWN with NOLOGFLUSH (xfs_fs.h): from now on nothing reaches the disk, as when the power goes. The program is stopped at the same
 * moment, as its processor would be: an fsync that is under way while XFS goes down may return success for bytes that are not there (4 of 100 cuts
 * of a loop of write and fsync, Linux 6.18), and a program that lived on would say 250 for them. With the power gone nobody hears of that.
 */
const POWER_CUT = [
  'my ($directory, $group) = @ARGV; $group > 1 or die "whom?"',
  'open(my $d, "<", $directory) or die $!; my $how = pack("L", 2)',
  'kill("STOP", -$group) or die $!; ioctl($d, 0x8004587d, $how) or die $!',
].join(';');

export interface Disk extends AsyncDisposable {
  readonly directory: string;
}

export interface CuttableDisk extends Disk {
  /** @param group the process group that works there: it is stopped, and has still to be killed */
  cutPower(group: number): Promise<void>;
  /** Nobody may have a file open there any more. */
  comeBack(): Promise<void>;
}

/** @throws where this machine has no loop mounts */
export async function xfsDisk(): Promise<CuttableDisk> {
  const home = await mkdtemp(join(tmpdir(), 'stopgap-xfs-'));
  const image = join(home, 'image');
  const directory = join(home, 'disk');
  const mount = () => run('mount', ['-o', 'loop', image, directory]);
  const release = async () => {
    await run('umount', [directory]).catch(() => run('umount', ['-l', directory]).catch(() => undefined));
    await rm(home, { recursive: true, force: true });
  };
  try {
    await mkdir(directory);
    await run('truncate', ['-s', String(XFS_BYTES), image]);
    await run('mkfs.xfs', ['-q', image]);
    await mount();
  } catch (error) {
    await release();
    throw error;
  }
  return {
    directory,
    cutPower: async (group) => void (await run('perl', ['-e', POWER_CUT, directory, String(group)])),
    async comeBack() {
      await run('umount', [directory]);
      await mount();
    },
    [Symbol.asyncDispose]: release,
  };
}

export async function smallDisk(megabytes: number): Promise<Disk> {
  const directory = await mkdtemp(join(tmpdir(), 'stopgap-tmpfs-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory]);
  return {
    directory,
    async [Symbol.asyncDispose]() {
      await run('umount', [directory]).catch(() => run('umount', ['-l', directory]));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
