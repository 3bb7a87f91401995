import type { IntentWork } from '@stopgap/store';

/** Lines of one sort that are kept; beyond, only the counts go on. */
const MOST_LINES = 200;

/** What came of carrying back, and what was found. Kept as JSON in `mirror.report`, for `mirror status` and the report after a recovery. */
export interface MirrorReport {
  readonly sinceMs: number;
  readonly found: { readonly messages: number; readonly expunged: number; readonly flags: number };
  readonly carriedBack: Readonly<Partial<Record<IntentWork['kind'], number>>>;
  readonly notCarriedBack: readonly ReportLine[];
  /** Kept here although deleted here, since they were changed upstream meanwhile; and other decisions against what was asked for. */
  readonly decided: readonly ReportLine[];
  /** Deletions upstream that wait for a person. */
  readonly held: readonly { readonly mailbox: string; readonly gone: number; readonly of: number; readonly sinceMs: number }[];
  /** Messages upstream that could not be read, again and again; mailboxes that may not be opened, or are too many. */
  readonly unreadable: readonly ReportLine[];
}

export interface ReportLine {
  readonly what: string;
  readonly why: string;
}

/** Collects a report as rounds go on. */
export class ReportBook {
  #report: MirrorReport;

  constructor(earlier: MirrorReport | undefined, nowMs: number) {
    this.#report = earlier ?? emptyReport(nowMs);
  }

  get report(): MirrorReport {
    return this.#report;
  }

  found(found: Partial<MirrorReport['found']>): void {
    const { messages, expunged, flags } = this.#report.found;
    this.#report = {
      ...this.#report,
      found: {
        messages: messages + (found.messages ?? 0),
        expunged: expunged + (found.expunged ?? 0),
        flags: flags + (found.flags ?? 0),
      },
    };
  }

  carriedBack(kind: IntentWork['kind'], intents: number): void {
    const before = this.#report.carriedBack;
    this.#report = { ...this.#report, carriedBack: { ...before, [kind]: (before[kind] ?? 0) + intents } };
  }

  notCarriedBack(line: ReportLine): void {
    this.#report = { ...this.#report, notCarriedBack: added(this.#report.notCarriedBack, line) };
  }

  decided(line: ReportLine): void {
    this.#report = { ...this.#report, decided: added(this.#report.decided, line) };
  }

  unreadable(line: ReportLine): void {
    this.#report = { ...this.#report, unreadable: added(this.#report.unreadable, line) };
  }

  /** All that is held now. */
  held(held: MirrorReport['held']): void {
    this.#report = { ...this.#report, held };
  }
}

export function emptyReport(nowMs: number): MirrorReport {
  return {
    sinceMs: nowMs,
    found: { messages: 0, expunged: 0, flags: 0 },
    carriedBack: {},
    notCarriedBack: [],
    decided: [],
    held: [],
    unreadable: [],
  };
}

function added(lines: readonly ReportLine[], line: ReportLine): readonly ReportLine[] {
  const isKnown = lines.some(({ what, why }) => what === line.what && why === line.why);
  return isKnown ? lines : [...lines, line].slice(-MOST_LINES);
}
