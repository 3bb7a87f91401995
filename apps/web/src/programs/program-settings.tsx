import { useEffect, useState, type ReactNode } from 'react';
import { readClientSetup, type ClientSetup } from '../api/client-setup.ts';
import { Failed, Loading } from '../shell/states.tsx';
import { useSetupWords } from '../words/setup/use-setup-words.ts';
import { useWords } from '../words/use-words.ts';
import { QrCode } from './qr-code.tsx';
import { ServerTable } from './server-table.tsx';
import '../style/programs.css';

const PROGRAMS = ['thunderbird', 'outlook', 'iphone', 'android'] as const;

/** What to write into a mail program, where in each of them, and for phones what to scan. */
export function ProgramSettings({ address }: { readonly address: string }): ReactNode {
  const words = useWords();
  const [setup, setSetup] = useState<ClientSetup | 'failed'>();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    readClientSetup().then(setSetup, () => setSetup('failed'));
  }, [tries]);
  if (setup === undefined) return <Loading label={words.app.loading} />;
  if (setup === 'failed') return <Failed text={words.logIn.noAnswer} onRetry={() => setTries(tries + 1)} />;
  return <Settings setup={setup} address={address} />;
}

function Settings({ setup: { servers, isSelfSigned }, address }: { readonly setup: ClientSetup; readonly address: string }): ReactNode {
  const { programs: words } = useSetupWords();
  const incoming = servers.find(({ protocol }) => protocol !== 'smtp');
  const outgoing = servers.find(({ protocol }) => protocol === 'smtp');
  const shown = [incoming, outgoing].filter((server) => server !== undefined);
  if (shown.length === 0) return <p>{words.noDoors}</p>;
  const isHereOnly = shown.every(({ host }) => isThisMachine(host));
  // A phone can not reach a name of this machine.
  const origin = isThisMachine(location.hostname) ? undefined : location.origin;
  const profile = incoming && outgoing ? `/apple.mobileconfig?email=${encodeURIComponent(address)}` : undefined;
  return (
    <div className="programs">
      <p>{words.lead}</p>
      <div className="server-tables">
        {shown.map((server) => (
          <ServerTable key={server.door} server={server} address={address} />
        ))}
      </div>
      {isHereOnly ? <p className="note">{words.hereOnly}</p> : null}
      {isSelfSigned ? <p className="note">{words.selfSigned}</p> : null}
      <h3>{words.how}</h3>
      {PROGRAMS.map((program) => (
        <details key={program} name="program" className="program">
          <summary>{words[program].name}</summary>
          <ul>
            {words[program].steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
          {program === 'iphone' && profile !== undefined ? (
            <>
              <p>
                <a href={profile} download="stopgap.mobileconfig">
                  {words.iphone.profile}
                </a>
              </p>
              {origin === undefined ? null : <QrCode text={origin + profile} label={words.iphone.qr} />}
            </>
          ) : null}
        </details>
      ))}
      {origin === undefined ? null : (
        <details name="program" className="program">
          <summary>{words.web.name}</summary>
          <p>
            {words.web.text} <a href="/">{`${origin}/`}</a>
          </p>
          <QrCode text={`${origin}/`} label={words.web.qr} />
        </details>
      )}
    </div>
  );
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
