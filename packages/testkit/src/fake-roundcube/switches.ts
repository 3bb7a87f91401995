export interface Sending {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

export type OnSend = (mail: Sending) => void | Promise<void>;

/** What is wrong with the webmail just now. */
export interface FakeRoundcubeSwitches {
  imapDown: boolean;
  smtpDown: boolean;
  /** The mail server takes the message and is gone before it says so. */
  smtpLost: boolean;
  /** Resending and sending work, storing the copy in Sent does not. */
  sentSaveFails: boolean;
  /** `550 5.1.1 words` by address in lower case. */
  readonly refusals: Map<string, string>;
  /** `554 5.7.1 words`, in answer to the message. */
  contentRefusal: string | undefined;
  /** 0: no limit. */
  maxRecipients: number;
  largestUploadBytes: number;
  /** `no_save_sent_messages` */
  keepsNoSent: boolean;
  /** The personal namespace, with the delimiter: `INBOX/`. Empty: mailboxes live at the top. */
  namespace: string;
  /** The storage behind it expunges single messages; without it everything that is marked deleted goes along. */
  hasUidPlus: boolean;
  /** The storage gives what is in a mailbox, and fails to tell which there are. */
  listFails: boolean;
  /** The storage breaks off while it tells flags: so many rows come, without a word. */
  mostFlagRows: number;
  /** The storage is gone in the middle of so many of the next requests: what it should have told is nothing, without a word. */
  breaksOff: number;
  /** The storage is gone for the search itself, once, and back for the number of messages. */
  nothingFound: boolean;
  /** So many messages that are asked for next break off in the middle. */
  halfMessages: number;
  /** Something in between takes Content-Length away. */
  announcesNoLength: boolean;
  /** Of the plugin zipdownload. */
  largestZipBytes: number;
  /** Actions that a proxy answers instead, with a friendly page and status 200. */
  readonly maintenance: Set<string>;
  /** What stands before it answers everything so. */
  busy: { readonly status: number; readonly retryAfterS?: number } | undefined;
  /** Before each request is looked at: what happens meanwhile. */
  meanwhile: ((action: string) => void) | undefined;
  readonly disabled: Map<string, 'disabled' | 'unknown'>;
  /** How often the answer of an action is lost, after it was done or instead. */
  readonly lost: Map<string, { times: number; processed: boolean }>;
  readonly hanging: Set<string>;
}

export function allWell(): FakeRoundcubeSwitches {
  return {
    imapDown: false,
    smtpDown: false,
    smtpLost: false,
    sentSaveFails: false,
    refusals: new Map(),
    contentRefusal: undefined,
    maxRecipients: 0,
    largestUploadBytes: 80 * 1024 * 1024,
    keepsNoSent: false,
    namespace: '',
    hasUidPlus: true,
    listFails: false,
    mostFlagRows: Number.POSITIVE_INFINITY,
    breaksOff: 0,
    nothingFound: false,
    halfMessages: 0,
    announcesNoLength: false,
    largestZipBytes: 50 * 1024 * 1024,
    maintenance: new Set(),
    busy: undefined,
    meanwhile: undefined,
    disabled: new Map(),
    lost: new Map(),
    hanging: new Set(),
  };
}
