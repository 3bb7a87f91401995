import { SaxesParser } from 'saxes';

/** Deeper than any document that is read here. */
const DEEPEST = 30;

/** What XML 1.0 2.2 has no place for, even escaped. */
const NO_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** As text, or as the value of an attribute. */
export function escapeXml(text: string): string {
  return text.replaceAll(NO_CHARACTER, '').replaceAll(/[&<>"']/g, (character) => NAMED[character] ?? '');
}

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/**
 * Strictly; what a DOCTYPE declares is not used, so nothing is loaded and nothing expands. The caller bounds its length.
 * @returns undefined when it is not well-formed
 */
export function parseXml(text: string): XmlElement | undefined {
  interface Open extends XmlElement {
    readonly children: Open[];
    text: string;
  }
  const parser = new SaxesParser({ xmlns: true });
  const root: Open = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ local, attributes }) => {
    if (open.length > DEEPEST) throw new Error('too deep');
    const values = Object.values(attributes).map((one) => [one.local, one.value] as const);
    const element: Open = { name: local, attributes: Object.fromEntries(values), children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  const addText = (more: string): void => {
    const last = open.at(-1);
    if (last !== undefined) last.text += more;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  try {
    parser.write(text).close();
  } catch {
    return undefined;
  }
  return root.children[0];
}

/** The first one, one step down for each name. */
export function elementAt(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((found, name) => found?.children.find((child) => child.name === name), element);
}

export function textAt(element: XmlElement | undefined, ...path: readonly string[]): string {
  return elementAt(element, ...path)?.text.trim() ?? '';
}
