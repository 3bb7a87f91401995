import { HttpFailure } from '../api/failures.ts';
import type { Http } from '../api/http.ts';

const PATH = '/demo/outage';

export interface DemoAccount {
  readonly name: string;
  readonly address: string;
  readonly password: string;
}

export type DemoPart = 'smtp' | 'imap' | 'webmail';

export interface DemoState {
  /** What of the practice provider is broken. */
  readonly down: readonly DemoPart[];
  readonly accounts: readonly DemoAccount[];
}

/** Null: this is no demo after all. */
export async function readDemo(http: Http, signal?: AbortSignal): Promise<DemoState | null> {
  const response = await http.once(PATH, signal === undefined ? {} : { signal });
  if (response.status === 404) return null;
  if (!response.ok) throw new HttpFailure(response.status, response.statusText);
  return (await response.json()) as DemoState;
}

/** These parts are broken then, and no others. @throws HttpFailure, NoAnswer */
export async function setDown(http: Http, down: readonly DemoPart[]): Promise<DemoState> {
  return (await (await http.request(PATH, { method: 'POST', body: { down } })).json()) as DemoState;
}
