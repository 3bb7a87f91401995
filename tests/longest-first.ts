import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Of the end-to-end tests: what takes longest, and does not look so by the size of its file. */
const LONG = ['52-incoming', '05-', 'both-sides', '54-', '64-', '62-', '60-', '61-', '63-', '66-', '04-', '03-', '13-', '14-'].map(
  (name) => `/${name}`,
);
/** One to so many others: Chromium works while the others wait, and several at once would stand in each other's way. */
const OTHERS = 3;

/**
 * Long files first, as what begins last runs alone in the end, and those with a browser spread among the others. Where durations are unknown, as in a clean
 * clone, Vitest goes by size.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const all = (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
    const browser = all.filter(hasBrowser);
    const others = all.filter((file) => !hasBrowser(file));
    const mixed = browser.flatMap((file, index) => [file, ...others.slice(index * OTHERS, (index + 1) * OTHERS)]);
    return [...mixed, ...others.slice(browser.length * OTHERS)];
  }
}

function hasBrowser({ moduleId }: TestSpecification): boolean {
  return moduleId.includes('/tests/browser/');
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = LONG.findIndex((part) => moduleId.includes(part));
  return rank < 0 ? LONG.length : rank;
}
