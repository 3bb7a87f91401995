import { useId, useState, type ReactNode } from 'react';
import type { Direction, HostKind, Security, SetupPath } from '../api/setup.ts';
import { useSetupWords } from '../words/setup/use-setup-words.ts';
import { wayOf, type Way } from './ways.ts';

type Kind = SetupPath['kind'];
const KINDS: Readonly<Record<Direction, readonly Kind[]>> = {
  incoming: ['imap', 'roundcube', 'pop3', 'jmap'],
  outgoing: ['smtp', 'roundcube', 'jmap'],
};
const SECURITIES: readonly Security[] = ['tls', 'starttls', 'none'];
const PORTS: Readonly<Record<HostKind, Readonly<Record<Security, number>>>> = {
  imap: { tls: 993, starttls: 143, none: 143 },
  pop3: { tls: 995, starttls: 110, none: 110 },
  smtp: { tls: 465, starttls: 587, none: 587 },
};

interface AddWayProps {
  readonly direction: Direction;
  readonly onAdd: (way: Way) => void;
}

/** A way that nobody has told us of. No form of its own: it stands in that of the step. */
export function AddWay({ direction, onAdd }: AddWayProps): ReactNode {
  const { ways: words } = useSetupWords();
  const id = useId();
  const [kind, setKind] = useState<Kind>(KINDS[direction][0] ?? 'imap');
  const [security, setSecurity] = useState<Security>('tls');
  const [host, setHost] = useState('');
  const [port, setPort] = useState('');
  const [url, setUrl] = useState('');
  const isWeb = kind === 'roundcube' || kind === 'jmap';
  const usual = isWeb ? 0 : PORTS[kind][security];
  const path: SetupPath = isWeb
    ? { kind, url: url.trim() }
    : { kind, host: host.trim(), port: port === '' ? usual : Number(port), security };
  const isWhole =
    'url' in path ? URL.canParse(path.url) : path.host !== '' && Number.isInteger(path.port) && path.port > 0 && path.port < 65_536;
  const add = (): void => {
    if (!isWhole) return;
    onAdd(wayOf(direction, path, 'person'));
    setHost('');
    setPort('');
    setUrl('');
  };
  return (
    <details className="add-way">
      <summary>
        {words.add}: {words[direction]}
      </summary>
      <div className="add-way-fields">
        <label htmlFor={`${id}-kind`}>{words.kind}</label>
        <select
          id={`${id}-kind`}
          value={kind}
          onChange={({ target }) => setKind(KINDS[direction].find((one) => one === target.value) ?? kind)}
        >
          {KINDS[direction].map((one) => (
            <option key={one} value={one}>
              {words.kinds[one]}
            </option>
          ))}
        </select>
        {isWeb ? (
          <>
            <label htmlFor={`${id}-url`}>{words.url}</label>
            <input id={`${id}-url`} type="url" placeholder="https://" value={url} onChange={({ target }) => setUrl(target.value)} />
          </>
        ) : (
          <>
            <label htmlFor={`${id}-host`}>{words.host}</label>
            <input
              id={`${id}-host`}
              type="text"
              autoCapitalize="none"
              spellCheck={false}
              value={host}
              onChange={({ target }) => setHost(target.value)}
            />
            <label htmlFor={`${id}-security`}>{words.security}</label>
            <select
              id={`${id}-security`}
              value={security}
              onChange={({ target }) => setSecurity(SECURITIES.find((one) => one === target.value) ?? security)}
            >
              {SECURITIES.map((one) => (
                <option key={one} value={one}>
                  {words.securities[one]}
                </option>
              ))}
            </select>
            <label htmlFor={`${id}-port`}>{words.port}</label>
            <input
              id={`${id}-port`}
              type="text"
              inputMode="numeric"
              placeholder={String(usual)}
              value={port}
              onChange={({ target }) => setPort(target.value)}
            />
          </>
        )}
        <button type="button" className="quiet-button" disabled={!isWhole} onClick={add}>
          {words.addThis}
        </button>
      </div>
    </details>
  );
}
