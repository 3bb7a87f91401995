import { isAscii } from 'node:buffer';
import { MailError } from '@stopgap/core';
import { HeaderCollector } from './header-collector.ts';
import { LineScan } from './line-scan.ts';
import { refusalOf } from './refusals.ts';
import { adjustHeader, type AdjustOptions, type HeaderFacts } from './submit-header.ts';

export interface SubmissionFacts extends HeaderFacts {
  /** Of what came out of the filter, to be stored. */
  readonly sizeBytes: number;
  /** Anywhere: header or body. */
  readonly hasEightBit: boolean;
  /** In octets without CRLF; above 998 the next hop may refuse or break the line (RFC 5321 4.5.3.1.6). */
  readonly longestLine: number;
}

export interface SubmissionFilterOptions extends AdjustOptions {
  /** Called once, at the first violation: the moment to stop writing. */
  readonly onViolation?: (violation: MailError) => void;
}

export interface FilteredEnd {
  readonly chunks: readonly Buffer[];
  readonly facts: SubmissionFacts;
}

export interface SubmissionFilter {
  /** What may be stored by now. After a violation nothing comes out any more; it never throws. */
  push(chunk: Buffer): readonly Buffer[];
  /** The rest and the facts. Throws the violation, a permanent MailError, so that nobody can store such a message by forgetting to look. */
  end(): FilteredEnd;
  /** Set from the first violation on. */
  readonly violation: MailError | undefined;
}

const CRLF = Buffer.from('\r\n');

/**
 * The one transform of a submission at intake. Give it the bytes between DATA and the final dot, un-stuffed; smtp-server's stream ends with the
 * CRLF before the dot, so only other doors see a final CRLF added. The header is held back until it is whole, the body passes as it comes.
 */
export function createSubmissionFilter(options: SubmissionFilterOptions): SubmissionFilter {
  return new Filter(options);
}

class Filter implements SubmissionFilter {
  readonly #options: SubmissionFilterOptions;
  readonly #collector = new HeaderCollector();
  readonly #scan = new LineScan();
  #header: HeaderFacts | undefined;
  #sizeBytes = 0;
  #hasEightBit = false;
  #violation: MailError | undefined;

  constructor(options: SubmissionFilterOptions) {
    this.#options = options;
  }

  get violation(): MailError | undefined {
    return this.#violation;
  }

  push(chunk: Buffer): readonly Buffer[] {
    if (this.#violation !== undefined || chunk.length === 0) return [];
    const violation = this.#scan.push(chunk);
    if (violation !== undefined) return this.#refuse(refusalOf(violation));
    this.#hasEightBit ||= !isAscii(chunk);
    if (this.#header !== undefined) return this.#emit([chunk]);
    try {
      const split = this.#collector.push(chunk);
      return split === undefined ? [] : this.#emit([this.#adjust(split.header), split.rest]);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  end(): FilteredEnd {
    if (this.#violation !== undefined) throw this.#violation;
    const { violation, isEnded } = this.#scan.end();
    if (violation !== undefined) throw refusalOf(violation);
    const chunks = this.#emit(this.#header !== undefined ? (isEnded ? [] : [CRLF]) : [this.#adjust(this.#collector.end())]);
    return {
      chunks,
      facts: {
        ...(this.#header as HeaderFacts),
        sizeBytes: this.#sizeBytes,
        hasEightBit: this.#hasEightBit,
        longestLine: this.#scan.longestLine,
      },
    };
  }

  #adjust(block: Buffer): Buffer {
    const { bytes, facts } = adjustHeader(block, this.#options);
    this.#header = facts;
    return bytes;
  }

  #emit(chunks: readonly Buffer[]): readonly Buffer[] {
    const full = chunks.filter((chunk) => chunk.length > 0);
    for (const chunk of full) this.#sizeBytes += chunk.length;
    return full;
  }

  #refuse(error: unknown): readonly Buffer[] {
    if (!(error instanceof MailError)) throw error;
    this.#violation = error;
    this.#options.onViolation?.(error);
    return [];
  }
}
