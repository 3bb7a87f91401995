type Keyworded = { readonly keywords: Readonly<Record<string, boolean>> };

/** The same message with this keyword, or without. */
export function withKeyword<T extends Keyworded>(message: T, keyword: string, isSet: boolean): T {
  const { [keyword]: _, ...others } = message.keywords;
  return { ...message, keywords: isSet ? { ...others, [keyword]: true } : others };
}
