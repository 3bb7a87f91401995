/** The known word that was probably meant: another spelling (`expire_after`, `Hostname`) or up to two slips of the finger. */
export function nearestWord(given: string, known: readonly string[]): string | undefined {
  const plain = plainOf(given);
  const mostSlips = plain.length < 5 ? 1 : 2;
  const ranked = known
    .map((word) => ({ word, slips: slipsBetween(plain, plainOf(word)) }))
    .filter(({ slips }) => slips <= mostSlips)
    .sort((a, b) => a.slips - b.slips);
  return ranked[0]?.word;
}

function plainOf(word: string): string {
  return word.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Levenshtein distance, one row at a time. */
function slipsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
