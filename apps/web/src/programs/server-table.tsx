import type { ReactNode } from 'react';
import type { ClientServer } from '../api/client-setup.ts';
import { useSetupWords } from '../words/setup/use-setup-words.ts';
import { CopyButton } from './copy-button.tsx';

interface ServerTableProps {
  readonly server: ClientServer;
  readonly address: string;
}

/** What to write into the program, each with a button that copies it. */
export function ServerTable({ server, address }: ServerTableProps): ReactNode {
  const { programs: words, ways } = useSetupWords();
  const title = server.protocol === 'smtp' ? words.outgoing : words.incoming(server.protocol.toUpperCase());
  const rows: readonly (readonly [label: string, value: string, isCopied: boolean])[] = [
    [words.server, server.host, true],
    [words.port, String(server.port), true],
    [words.security, ways.securities[server.security], false],
    [words.user, address, true],
    [words.password, words.samePassword, false],
  ];
  return (
    <table className="server-table">
      <caption>{title}</caption>
      <tbody>
        {rows.map(([label, value, isCopied]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>
              <span className={isCopied ? 'server-value' : ''}>{value}</span>
              {isCopied ? <CopyButton text={value} what={`${title}: ${label}`} /> : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
