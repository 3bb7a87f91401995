import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import type { Certificates } from '../certificates.ts';
import type { DoorName, DoorPorts, InternalPorts } from '../ports.ts';
import { Door } from './door.ts';
import type { DoorState } from './door.ts';
import type { Protocol } from './passage.ts';
import type { Weather } from './weather.ts';

/** Which server stands behind a door; a TLS door is ended at the edge and leads to the plain port. */
const BEHIND: Readonly<Record<DoorName, { protocol: Protocol; backend: keyof InternalPorts; isImplicitTls: boolean }>> = {
  imap: { protocol: 'imap', backend: 'imap', isImplicitTls: false },
  imaps: { protocol: 'imap', backend: 'imap', isImplicitTls: true },
  pop3: { protocol: 'pop3', backend: 'pop3', isImplicitTls: false },
  pop3s: { protocol: 'pop3', backend: 'pop3', isImplicitTls: true },
  smtp: { protocol: 'smtp', backend: 'smtp', isImplicitTls: false },
  submission: { protocol: 'smtp', backend: 'submission', isImplicitTls: false },
  smtps: { protocol: 'smtp', backend: 'submission', isImplicitTls: true },
  roundcube: { protocol: 'http', backend: 'roundcube', isImplicitTls: false },
  jmap: { protocol: 'http', backend: 'jmap', isImplicitTls: false },
  trusted: { protocol: 'smtp', backend: 'trusted', isImplicitTls: false },
  cyrusImap: { protocol: 'imap', backend: 'cyrusImap', isImplicitTls: false },
};

/** `mail` = every door but those of the web, and `trusted`, through which Cyrus sends. */
export type DoorChoice = DoorName | 'mail' | 'all' | readonly DoorName[];

export interface Edge {
  readonly ports: DoorPorts;
  /** Open connections of these doors are reset. */
  set(doors: DoorChoice, weather: Weather): Promise<void>;
  state(door: DoorName): DoorState;
  close(): Promise<void>;
}

export interface EdgeSpec {
  readonly ports: DoorPorts;
  readonly internal: InternalPorts;
  readonly certificates: Certificates;
}

/** The provider's public face, in this process: every door leads to a healthy internal port and can be made to fail. */
export async function openEdge({ ports, internal, certificates }: EdgeSpec): Promise<Edge> {
  const context = tls.createSecureContext({ cert: readFileSync(certificates.certFile), key: readFileSync(certificates.keyFile) });
  const names = Object.keys(ports) as DoorName[];
  const doors = new Map<DoorName, Door>();
  for (const name of names) {
    const { protocol, backend, isImplicitTls } = BEHIND[name];
    doors.set(name, new Door({ port: ports[name], protocol, isImplicitTls, backendPort: internal[backend], context }));
  }
  const door = (name: DoorName): Door => {
    const found = doors.get(name);
    if (!found) throw new Error(`the edge has no door ${name}`);
    return found;
  };
  const edge: Edge = {
    ports,
    async set(choice, weather) {
      await Promise.all(chosen(choice, names).map((name) => door(name).set(weather)));
    },
    state: (name) => door(name).state,
    async close() {
      await Promise.all([...doors.values()].map((each) => each.close()));
    },
  };
  await edge.set('all', { mode: 'pass' });
  return edge;
}

function chosen(choice: DoorChoice, names: readonly DoorName[]): readonly DoorName[] {
  if (choice === 'all') return names;
  if (choice === 'mail') return names.filter((name) => BEHIND[name].protocol !== 'http' && name !== 'trusted');
  return typeof choice === 'string' ? [choice] : choice;
}
