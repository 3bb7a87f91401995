/** The relay marks its page where it brings a practice provider along; nobody else is asked about it. */
export function isDemo(): boolean {
  return document.documentElement.dataset['demo'] !== undefined;
}
