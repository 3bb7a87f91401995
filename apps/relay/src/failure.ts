import { MailError, messageOf } from '@stopgap/core';
import { ConfigError } from '@stopgap/config';

/** What people meet when a file or a port is not as they thought; everything else is told in the system's words. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of its path is a file, not a directory',
  EISDIR: 'it is a directory',
  EADDRINUSE: 'another program has this port; is a "stopgap serve" running already?',
};

/** What was thrown, as a command tells it on standard error: one sentence, or one a line for a configuration. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ConfigError && error.problems.length > 1) {
    return ['The configuration can not be used:', ...error.problems].join('\n  ');
  }
  if (error instanceof MailError) return error.message;
  const failed = systemFailure(error);
  return failed ? `${failed.path ?? failed.syscall}: ${whyOf(error)}.` : messageOf(error);
}

/** Only the reason, to stand in a sentence of the caller's own. */
export function whyOf(error: unknown): string {
  return SYSTEM[systemFailure(error)?.code ?? ''] ?? messageOf(error);
}

interface SystemFailure {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

function systemFailure(error: unknown): SystemFailure | undefined {
  const isOne = error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string' && error.code in SYSTEM;
  return isOne ? (error as Error & SystemFailure) : undefined;
}
