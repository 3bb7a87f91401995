import type { SessionResource } from '@stopgap/jmap';
import { isPassing } from '../api/failures.ts';
import type { Http } from '../api/http.ts';
import { findSession } from '../api/jmap.ts';
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
  const store = await device.store();
  const owner = await store?.owner();
  const asked = ask(http, store);
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

async function ask(http: Http, store: DeviceStore | undefined): Promise<Person | undefined> {
  const resource = await findSession(http);
  if (resource === undefined) {
    // The session ran out, or somebody has ended it from elsewhere.
    await store?.forgetMail();
    return undefined;
  }
  await store?.setOwner(resource);
  return { resource, store };
}
