import type { Relay } from '../../relay/index.ts';

interface Line {
  readonly what: string;
  readonly why: string;
}

/** `mirror report`, as far as this scenario reads it. */
export interface Report {
  readonly carriedBack: Readonly<Record<string, number>>;
  readonly notCarriedBack: readonly Line[];
  readonly decided: readonly Line[];
}

export async function reportOf(relay: Relay, address: string): Promise<{ readonly json: Report; readonly text: string }> {
  const json = await relay.json<Report>(['mirror', 'report', address]);
  const { stdout } = await relay.cli(['mirror', 'report', address]);
  return { json, text: stdout };
}
