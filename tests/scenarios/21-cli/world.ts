import { startPatientLab, providerOf, startRelay, type CliResult, type Relay } from '../../relay/index.ts';
import { sendMail, type Lab } from '../../lab/index.ts';
import { letterTo } from '../../relay/index.ts';

export interface World extends AsyncDisposable {
  readonly lab: Lab;
  readonly relay: Relay;
  /** Takes one message from alice; resolves with the relay's id for it. */
  send(id: string, to?: readonly string[], parameters?: string): Promise<string>;
}

/** A provider with one way in and one way out, and a relay that nobody may join by logging in. */
export async function startWorld(outgoing: readonly ('smtp' | 'roundcube')[] = ['smtp']): Promise<World> {
  const lab = await startPatientLab({ users: ['alice', 'bob', 'carol', 'dave'] });
  try {
    const { incoming, ...provider } = providerOf(lab, { outgoing, probe: { every: '500ms', timeout: '5s' } });
    const relay = await startRelay({
      config: {
        allowPrivateUpstreams: true,
        providers: [{ ...provider, incoming: (incoming as unknown[]).slice(0, 1) }],
        retry: { first: '1h', longest: '1h' },
        unsure: { settle: '100ms', retries: 0 },
      },
    });
    return worldOf(lab, relay);
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

function worldOf(lab: Lab, relay: Relay): World {
  return {
    lab,
    relay,
    async send(id, to = ['bob'], parameters) {
      const from = lab.address('alice');
      const addresses = to.map((name) => (name.includes('@') ? name : lab.address(name)));
      const reply = await sendMail({
        port: relay.ports.submission,
        caFile: relay.caFile,
        user: from,
        password: lab.password('alice'),
        from,
        to: addresses,
        raw: letterTo(id, { from, to: addresses }),
        ...(parameters === undefined ? {} : { parameters }),
      });
      return /queued as (\S+)/.exec(reply)?.[1] ?? '';
    },
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      await lab.stop();
    },
  };
}

/** The one sentence of a command that failed; throws when it did not fail so. */
export function sentenceOf({ code, stdout, stderr }: CliResult): string {
  const lines = stderr.trimEnd().split('\n');
  if (code !== 1 || stdout !== '' || lines.length !== 1) throw new Error(`no plain failure: ${JSON.stringify({ code, stdout, stderr })}`);
  return lines[0] ?? '';
}
