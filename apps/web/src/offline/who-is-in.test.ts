import type { SessionResource } from '@stopgap/jmap';
import { expect, test } from 'vitest';
import type { Http } from '../api/http.ts';
import type { Device } from './device.ts';
import type { DeviceStore } from './device-store.ts';
import { personOf, whoIsIn } from './who-is-in.ts';

const resource = { username: 'me@alice.test' } as SessionResource;

test('a browser whose disk is full shows the mail all the same, and keeps nothing of it', async () => {
  const store = { owner: async () => undefined, setOwner: () => Promise.reject(new Error('disk full')) } as unknown as DeviceStore;
  const device: Device = { isOwn: () => true, seemsOwn: () => true, setOwn: async () => undefined, store: async () => store };
  const http = { once: async () => Response.json(resource) } as unknown as Http;
  expect(await personOf(resource, device)).toEqual({ resource, store: undefined });
  expect(await whoIsIn(http, device)).toEqual({ resource, store: undefined });
});
