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

/** Levenshtein distance with neighbours that changed places counted as one slip (`stmp`); three rows at a time. */
function slipsBetween(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      const isSwap = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      const swapped = isSwap ? (before[j - 1] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
