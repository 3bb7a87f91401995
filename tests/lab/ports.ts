import net from 'node:net';
import type { Server } from 'node:net';

/**
 * A lab lives in one block of consecutive ports on loopback, and so does a relay beside it. The first port of the block is the claim: the test process
 * listens on it as long as the lab lives, so that two labs never share a block and a dead owner frees its own.
 */
const BLOCK_SIZE = 40;
const EDGE_OFFSET = 20;
const FIRST_BLOCK = 26_000;
/** Above this the kernel hands out ports to outgoing connections (ip_local_port_range). */
const LAST_PORT = 32_700;

const MAIL = ['imap', 'imaps', 'pop3', 'pop3s', 'lmtp', 'smtp', 'submission', 'smtps'] as const;
const INTERNAL = [...MAIL, 'sink', 'trusted', 'roundcube', 'jmap', 'cyrusImap'] as const;
const PUBLIC = ['imap', 'imaps', 'pop3', 'pop3s', 'smtp', 'submission', 'smtps', 'roundcube', 'jmap', 'cyrusImap', 'trusted'] as const;

export type InternalPorts = Readonly<Record<(typeof INTERNAL)[number], number>>;
export type DoorName = (typeof PUBLIC)[number];
export type DoorPorts = Readonly<Record<DoorName, number>>;

export interface PortBlock {
  readonly internal: InternalPorts;
  readonly doors: DoorPorts;
  readonly release: () => Promise<void>;
}

export async function claimPorts(): Promise<PortBlock> {
  const { base, release } = await claimBlock();
  return { internal: numbered(INTERNAL, base + 1), doors: numbered(PUBLIC, base + EDGE_OFFSET), release };
}

/** For a relay: as many ports as there are names, its own until `release` whether it runs or not. */
export async function claimNamed<Name extends string>(
  names: readonly Name[],
): Promise<{
  readonly ports: Readonly<Record<Name, number>>;
  readonly release: () => Promise<void>;
}> {
  const { base, release } = await claimBlock();
  return { ports: numbered(names, base + 1), release };
}

/** The search starts at STOPGAP_LAB_BASE, else at 26000. */
async function claimBlock(): Promise<{ readonly base: number; readonly release: () => Promise<void> }> {
  const first = Number(process.env['STOPGAP_LAB_BASE'] ?? FIRST_BLOCK);
  for (let base = first; base + BLOCK_SIZE <= LAST_PORT; base += BLOCK_SIZE) {
    const claim = await listen(base);
    if (!claim) continue;
    if (await allFree(base + 1, base + BLOCK_SIZE)) {
      claim.unref();
      return { base, release: () => close(claim) };
    }
    await close(claim);
  }
  throw new Error(`no ${BLOCK_SIZE} free ports in a row between ${first} and ${LAST_PORT}`);
}

export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function numbered<Name extends string>(names: readonly Name[], first: number): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, first + index])) as Record<Name, number>;
}

async function allFree(from: number, to: number): Promise<boolean> {
  for (let port = from; port < to; port += 1) {
    const probe = await listen(port);
    if (!probe) return false;
    await close(probe);
  }
  return true;
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
