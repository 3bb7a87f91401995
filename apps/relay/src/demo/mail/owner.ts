import type { DigestMailbox } from '@stopgap/message';
import type { Circular } from './circulars.ts';
import type { Circle } from './people.ts';
import type { Plot } from './plot.ts';

/** Whose mailbox is filled, and with what. */
export interface Owner {
  readonly who: DigestMailbox;
  readonly seed: number;
  readonly folders: readonly string[];
  readonly circulars: readonly Circular[];
  /** Each plot comes up so often, with other people. */
  readonly talks: readonly {
    readonly language: 'de' | 'en';
    readonly plots: readonly Plot[];
    readonly people: Circle;
    readonly times: number;
  }[];
}
