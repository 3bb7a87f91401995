import type { NewPath, NewProvider, FirstSettings } from '@stopgap/config';
import type { Direction, ProbeResult, Reason, Secret } from '@stopgap/core';
import type { Proposal } from './proposals/propose.ts';

/** What the relay lends to the page on which it is set up. Only a relay without providers has it. */
export interface SetupDeps {
  /** Whoever comes from another machine must know it; who is at the terminal reads it there. Made anew at each start. */
  readonly code: string;
  /** Which file is going to be written. */
  readonly file: string;
  readonly hostname: string;
  readonly allowPrivate: boolean;
  propose(address: string, signal: AbortSignal): Promise<Proposal>;
  /** Asks one path, without a log-in. @throws MailError `config` when it is none */
  probe(path: NewPath, direction: Direction, signal: AbortSignal): Promise<ProbeResult>;
  /** Adds the account, then writes the configuration. @throws MailError `config`, and `config-file` with `NotWritten` */
  apply(first: FirstSteps, signal: AbortSignal): Promise<Applied>;
  /** The answer has left: go on with the new configuration. */
  done(): void;
}

export interface FirstSteps extends FirstSettings {
  readonly provider: NewProvider;
  readonly account: {
    readonly address: string;
    readonly password: Secret;
    readonly name?: string;
    /** Keep it without asking the provider: nobody can check it now. */
    readonly unverified: boolean;
  };
}

export type Applied =
  | { readonly kind: 'added'; readonly state: 'active' | 'pending' }
  | { readonly kind: 'refused' | 'undecided'; readonly reason: Reason }
  | { readonly kind: 'unknown-provider' }
  /** What should have been written, to do so by hand. */
  | { readonly kind: 'not-written'; readonly why: string; readonly text: string };
