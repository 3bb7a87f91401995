import { decodeWords } from './encoded-words.ts';
import { firstValue, type HeaderValues } from './header-values.ts';
import { type ParameterizedValue, readParameterizedValue, withoutComments } from './parameters.ts';

/** RFC 5646 tags are short, and a part is in few languages. */
const MAX_LANGUAGES = 20;

/** What the header of a part says of it. */
export interface PartHead {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly encoding: string;
  readonly id?: string;
  readonly description?: string;
  readonly disposition?: { readonly type: string; readonly parameters: Readonly<Record<string, string>> };
  readonly language?: readonly string[];
  readonly location?: string;
  readonly md5?: string;
}

/** @param isInDigest RFC 2046 5.1.5: what says nothing of itself is a message there */
export function readPartHead(values: HeaderValues, isInDigest: boolean): PartHead {
  const id = firstValue(values, 'content-id');
  const description = firstValue(values, 'content-description');
  const disposition = readDisposition(firstValue(values, 'content-disposition'));
  const language = readLanguages(firstValue(values, 'content-language'));
  const location = firstValue(values, 'content-location')?.replaceAll(/\s/g, '');
  const md5 = firstValue(values, 'content-md5');
  return {
    ...readContentType(firstValue(values, 'content-type'), isInDigest),
    encoding:
      withoutComments(firstValue(values, 'content-transfer-encoding') ?? '')
        .trim()
        .toLowerCase() || '7bit',
    ...(id !== undefined && id !== '' && { id }),
    ...(description !== undefined && description !== '' && { description: decodeWords(description) }),
    ...(disposition !== undefined && { disposition: { type: disposition.value, parameters: disposition.parameters } }),
    ...(language.length > 0 && { language }),
    ...(location !== undefined && location !== '' && { location }),
    ...(md5 !== undefined && md5 !== '' && { md5 }),
  };
}

function readContentType(text: string | undefined, isInDigest: boolean): Pick<PartHead, 'type' | 'subtype' | 'parameters'> {
  if (text === undefined || text === '') {
    return isInDigest ? { type: 'message', subtype: 'rfc822', parameters: {} } : { type: 'text', subtype: 'plain', parameters: {} };
  }
  const { value, parameters } = readParameterizedValue(text);
  const slash = value.indexOf('/');
  // RFC 2045 5.2: what nobody can read is text.
  if (slash <= 0 || slash === value.length - 1) return { type: 'text', subtype: 'plain', parameters };
  return { type: value.slice(0, slash), subtype: value.slice(slash + 1), parameters };
}

function readDisposition(text: string | undefined): ParameterizedValue | undefined {
  const found = text === undefined ? undefined : readParameterizedValue(text);
  return found === undefined || found.value === '' ? undefined : found;
}

/** RFC 3282. */
function readLanguages(text: string | undefined): string[] {
  if (text === undefined) return [];
  return withoutComments(text)
    .split(',', MAX_LANGUAGES)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
