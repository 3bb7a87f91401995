import { asId, type ModSeq } from '@stopgap/core';
import { MethodError } from './method-error.ts';
import type { CallContext } from './method.ts';

/** The state of all mail of an account is the number of its last change. */
export function mailState({ deps, account }: CallContext): string {
  return String(deps.mailboxes.lastChange(account));
}

/** @throws MethodError cannotCalculateChanges */
export function modSeqOf(state: string): ModSeq {
  if (!/^\d{1,15}$/.test(state)) throw new MethodError('cannotCalculateChanges', 'No state of ours.');
  return asId.modSeq(Number(state));
}

/** @throws MethodError stateMismatch */
export function expectState(ifInState: string | null | undefined, state: string): void {
  if (ifInState !== undefined && ifInState !== null && ifInState !== state) throw new MethodError('stateMismatch');
}
