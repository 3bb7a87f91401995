import { httpFailureOf } from './failures.ts';
import { sendByBrowser } from './http.ts';

/** One server as a mail program has to know it. */
export interface ClientServer {
  readonly door: string;
  readonly protocol: 'imap' | 'pop3' | 'smtp';
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls';
}

export interface ClientSetup {
  readonly hostname: string;
  /** Best first. */
  readonly servers: readonly ClientServer[];
  readonly isSelfSigned: boolean;
}

/** For anybody. @throws HttpFailure, NoAnswer */
export async function readClientSetup(): Promise<ClientSetup> {
  const answer = await sendByBrowser('/api/client-setup', {}, {});
  if (!answer.ok) throw await httpFailureOf(answer);
  return (await answer.json()) as ClientSetup;
}
