import type { SessionResource } from '@stopgap/jmap';
import { isPassing } from '../api/failures.ts';
import type { Http } from '../api/http.ts';
import { findSession, mayBeLoggedIn } from '../api/log-in.ts';
import type { Device } from './device.ts';
import type { DeviceStore } from './device-store.ts';

export interface Person {
  readonly resource: SessionResource;
  /** Undefined: nothing of it is kept here. */
  readonly store: DeviceStore | undefined;
}

/** On a line that gives nothing for so long, what is kept is shown; the relay may answer later. */
const PATIENCE_MS = 5000;

/** Who is logged in; undefined: nobody. Without an answer it is the one whose mail is kept here. @throws HttpFailure, NoAnswer */
export async function whoIsIn(http: Http, device: Device): Promise<Person | undefined> {
  if (!device.isOwn() && !mayBeLoggedIn()) return undefined;
  const opening = device.store();
  const asked = ask(http, opening);
  // It is heard of below, or the store could not be opened either.
  asked.catch(() => undefined);
  const store = await opening;
  const owner = await store?.owner();
  if (owner === undefined) return asked;
  const kept = { resource: owner, store };
  const orKept = asked.catch((error: unknown) => {
    if (isPassing(error)) return kept;
    throw error;
  });
  const { promise: late, resolve } = Promise.withResolvers<Person>();
  const timer = setTimeout(() => resolve(kept), PATIENCE_MS);
  return Promise.race([orKept, late]).finally(() => clearTimeout(timer));
}

/** Somebody who has just logged in. */
export async function personOf(resource: SessionResource, device: Device): Promise<Person> {
  return owning(resource, await device.store());
}

/** A store that can not be theirs (a full disk) is none. */
async function owning(resource: SessionResource, store: DeviceStore | undefined): Promise<Person> {
  const isTheirs = store?.setOwner(resource).then(
    () => true,
    () => false,
  );
  return { resource, store: (await isTheirs) === true ? store : undefined };
}

async function ask(http: Http, opening: Promise<DeviceStore | undefined>): Promise<Person | undefined> {
  const resource = await findSession(http);
  const store = await opening;
  if (resource === undefined) {
    // The session ran out, or somebody has ended it from elsewhere.
    await store?.forgetMail();
    return undefined;
  }
  return owning(resource, store);
}
