import type { FakePreferences, FakeStorage } from './mailboxes.ts';
import { framed, json, type FakeCall, type FakeReply } from './replies.ts';
import type { WebmailRequest } from './request.ts';
import type { FakeSession } from './sessions.ts';
import type { FakeRoundcubeSwitches, OnSend } from './switches.ts';

export interface FakeAccount {
  readonly address: string;
  readonly password: string;
  readonly storage: FakeStorage;
  readonly preferences: FakePreferences;
}

/** What an action works with. */
export interface Context {
  readonly request: WebmailRequest;
  readonly account: FakeAccount;
  readonly session: FakeSession;
  readonly switches: FakeRoundcubeSwitches;
  readonly onSend: OnSend;
  readonly nowMs: () => number;
  /** Path of the program, with a slash at the end. */
  readonly basePath: string;
}

export type Action = (context: Context) => FakeReply | Promise<FakeReply>;

export const STORAGE_DOWN: FakeCall = ['display_message', 'Connection to storage server failed.', 'error', 0];

/** JSON to an XMLHttpRequest, a frame to a form. */
export function answer(context: Context, calls: readonly FakeCall[], env?: Record<string, unknown>): FakeReply {
  return context.request.isXhr ? json(context.request.value('_action'), calls, env) : framed(calls);
}

export function message(text: string, type: 'confirmation' | 'error' | 'notice' | 'warning'): FakeCall {
  return ['display_message', text, type, 0];
}
