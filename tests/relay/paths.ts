import { until } from '../lab/index.ts';
import type { Relay } from './relay.ts';

const LIMIT_MS = 45_000;

interface Status {
  readonly providers: readonly {
    readonly paths: readonly { readonly direction: string; readonly kind: string; readonly state: string }[];
  }[];
}

/** Waits until one of the relay's paths is in this state. */
export async function untilPath(
  { ports }: Pick<Relay, 'ports'>,
  direction: 'incoming' | 'outgoing',
  kind: string,
  state: string,
): Promise<void> {
  await until(
    `${direction} ${kind} is ${state}`,
    async () => {
      const { providers } = (await (await fetch(`http://127.0.0.1:${ports.http}/status.json`)).json()) as Status;
      return providers.some(({ paths }) => paths.some((one) => one.direction === direction && one.kind === kind && one.state === state));
    },
    LIMIT_MS,
  );
}
