import type { Route } from '@stopgap/core';

export interface Departed {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

/** A webmail with its storage and its mail server, real or not. */
export interface RoundcubeWorld {
  readonly url: string;
  /** At least three, on one domain. */
  readonly accounts: readonly { readonly address: string; readonly password: string }[];
  /** Raw, oldest first; empty for one that is not there. */
  mailbox(address: string, name: string): Promise<readonly Buffer[]>;
  /** What left for other domains than the accounts'. */
  departed(): Promise<readonly Departed[]>;
  /** The mail server refuses an address: `550 5.1.1 words`. */
  refuse(address: string, reply: string): Promise<void>;
  setStorage(isUp: boolean): Promise<void>;
  setMailServer(isUp: boolean): Promise<void>;
  close(): Promise<void>;
}

export interface RoundcubeContract {
  readonly start: () => Promise<RoundcubeWorld>;
  /** With no settle time: the suite asks when it knows that all is quiet. */
  readonly createRoute: (url: string) => Route;
}
