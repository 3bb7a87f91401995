import {
  MailError,
  outcomeForAll,
  type Reason,
  type DeliveryJob,
  type HostPath,
  type LoginCredential,
  type Outcome,
  type RecipientId,
  type SmarthostPath,
} from '@stopgap/core';
import { DEFAULT_SMTP_TIMEOUTS, deferredBy, SmtpConnection, type Guard, type SmtpTimeouts } from '@stopgap/upstreams';

/** A connection without work is closed after so long; servers close theirs after minutes. */
const IDLE_MS = 10_000;
/** Then a new one is made: servers count too. */
const MESSAGES_PER_CONNECTION = 100;

export interface SmtpPoolOptions {
  readonly path: HostPath | SmarthostPath;
  readonly guard: Guard;
  readonly heloName: string;
  readonly timeouts?: SmtpTimeouts;
}

export interface PoolUse {
  /** Connections are shared among those with the same log-in only. */
  readonly key: string;
  /** Opened once for each new connection; 'none': no log-in. Undefined: there is no credential, nothing can be sent. */
  readonly credential: (() => Promise<LoginCredential | undefined>) | 'none';
  /** `deliver` may send something else than the job's own bytes and envelope (an alternate From). */
  readonly open?: DeliveryJob['open'];
  readonly from?: string;
  readonly sizeBytes?: number;
}

type Idle = { readonly connection: SmtpConnection; readonly timer: NodeJS.Timeout };

/** Connections of one path, kept open between messages. How many there may be at once is the board's to say. */
export class SmtpPool {
  readonly #options: SmtpPoolOptions;
  readonly #idle = new Map<string, Idle[]>();
  #isClosed = false;

  constructor(options: SmtpPoolOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async deliver(job: DeliveryJob, use: PoolUse, signal: AbortSignal): Promise<ReadonlyMap<RecipientId, Outcome>> {
    const message = {
      envelope: { ...job.envelope, from: use.from ?? job.envelope.from, sizeBytes: use.sizeBytes ?? job.sizeBytes },
      recipients: job.recipients,
      open: use.open ?? (() => job.open()),
      mark: () => job.mark(),
    };
    let connection = this.#takeIdle(use.key);
    if (connection) {
      const { outcomes, isStale } = await connection.send(message, signal);
      this.#giveBack(use.key, connection);
      // The server had closed it while it was idle, or takes no more over it (421): nothing was taken, so a fresh one starts over.
      if (!isStale || signal.aborted) return outcomes;
    }
    try {
      connection = await this.#connect(use, signal);
    } catch (error) {
      return outcomeForAll(job.recipients, deferredBy(error, this.#options.path.host));
    }
    const { outcomes } = await connection.send(message, signal);
    this.#giveBack(use.key, connection);
    return outcomes;
  }

  close(): void {
    this.#isClosed = true;
    for (const { connection, timer } of [...this.#idle.values()].flat()) {
      clearTimeout(timer);
      connection.quit();
    }
    this.#idle.clear();
  }

  async #connect(use: PoolUse, signal: AbortSignal): Promise<SmtpConnection> {
    const connection = await SmtpConnection.open({ timeouts: DEFAULT_SMTP_TIMEOUTS, ...this.#options }, signal);
    if (use.credential === 'none') return connection;
    const stopWatching = connection.endOn(signal);
    try {
      const credential = await use.credential();
      if (!credential) {
        const reason: Reason = { class: 'auth', text: 'The account has no password here that can be opened; it has to log in once more.' };
        throw new MailError('auth', reason.text, { code: 'no-credential', reason });
      }
      await connection.logIn(credential);
      return connection;
    } catch (error) {
      connection.quit();
      throw error;
    } finally {
      stopWatching();
    }
  }

  #takeIdle(key: string): SmtpConnection | undefined {
    const idle = this.#idle.get(key)?.pop();
    if (!idle) return undefined;
    clearTimeout(idle.timer);
    return idle.connection;
  }

  #giveBack(key: string, connection: SmtpConnection): void {
    if (!connection.isUsable) return;
    if (this.#isClosed || connection.sent >= MESSAGES_PER_CONNECTION) return connection.quit();
    const stack = this.#idle.get(key) ?? [];
    this.#idle.set(key, stack);
    const drop = () => {
      const index = stack.indexOf(idle);
      if (index >= 0) stack.splice(index, 1);
      if (stack.length === 0 && this.#idle.get(key) === stack) this.#idle.delete(key);
    };
    const timer = setTimeout(() => {
      drop();
      connection.quit();
    }, IDLE_MS);
    timer.unref();
    const idle: Idle = { connection, timer };
    stack.push(idle);
    connection.onEnd(() => {
      clearTimeout(timer);
      drop();
    });
  }
}
