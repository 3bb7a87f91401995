import { asId } from '@stopgap/core';
import type { ChangePoint } from '@stopgap/mailbox';
import { MethodError } from './method-error.ts';
import type { CallContext } from './method.ts';

/** The state of all mail of an account is the number of its last change. */
export function mailState({ deps, account }: CallContext): string {
  return String(deps.mailboxes.lastChange(account));
}

/** A state of ours, or `12.345`: one on the way, see `changesMethod`. @throws MethodError cannotCalculateChanges */
export function pointOf(state: string): ChangePoint {
  const [, modSeq, upToId] = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(state) ?? [];
  if (modSeq === undefined) throw new MethodError('cannotCalculateChanges', 'No state of ours.');
  return { modSeq: asId.modSeq(Number(modSeq)), ...(upToId === undefined ? {} : { upToId: Number(upToId) }) };
}

export function textOfPoint({ modSeq, upToId }: ChangePoint): string {
  return upToId === undefined ? String(modSeq) : `${modSeq}.${upToId}`;
}

/** @throws MethodError stateMismatch */
export function expectState(ifInState: string | null | undefined, state: string): void {
  if (ifInState !== undefined && ifInState !== null && ifInState !== state) throw new MethodError('stateMismatch');
}
