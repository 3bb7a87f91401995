/** `pnpm test:crash` runs the long form; `npm test` a short one of the same tests. */
export const isLong = process.env['STOPGAP_CRASH'] === 'long';

export function rounds(short: number, long: number): number {
  return isLong ? long : short;
}

/** The strace of this machine, writing to `log`; the relay stays our own child (-D), so that signals and exit codes are its own. */
export function strace(log: string, expressions: readonly string[]): string[] {
  return ['strace', '-D', '-f', '-qq', '-o', log, ...expressions.flatMap((expression) => ['-e', expression])];
}
