/*
 * HTML as plain text: for reading without looks, for quoting, and for the plain half of what is sent. Parsed into a document that loads and runs nothing.
 */
const BLOCKS = new Set(
  'ADDRESS ARTICLE BLOCKQUOTE DIV DL FIGURE FOOTER H1 H2 H3 H4 H5 H6 HEADER HR LI OL P PRE SECTION TABLE TR UL'.split(' '),
);
const SPACED = new Set(['P', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'BLOCKQUOTE', 'TABLE']);
const SILENT = new Set(['STYLE', 'SCRIPT', 'HEAD', 'TITLE', 'TEMPLATE', 'NOSCRIPT', 'OBJECT', 'IFRAME']);
const DEEPEST = 400;

export function textOfHtml(html: string): string {
  return textOfNode(new DOMParser().parseFromString(html, 'text/html').body);
}

export function textOfNode(root: Node): string {
  const out = new Lines();
  read(root, out, 0);
  return out.text();
}

function read(node: Node, out: Lines, depth: number): void {
  if (node.nodeType === Node.TEXT_NODE) {
    out.add(node.textContent ?? '', node.parentElement?.closest('pre') !== null);
    return;
  }
  if (!(node instanceof Element) && node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) return;
  const name = node.nodeName.toUpperCase();
  if (SILENT.has(name) || depth > DEEPEST) return;
  if (name === 'BR') {
    out.breakLine();
    return;
  }
  const isBlock = BLOCKS.has(name);
  if (isBlock) out.startBlock(SPACED.has(name));
  if (name === 'HR') out.add('---', true);
  if (name === 'LI') out.add(itemMark(node as Element), true);
  if (name === 'BLOCKQUOTE') out.quote(1);
  for (const child of node.childNodes) read(child, out, depth + 1);
  if (name === 'A') addTarget(node as Element, out);
  if (name === 'TD' || name === 'TH') out.add(' ', false);
  if (name === 'BLOCKQUOTE') {
    out.startBlock(false);
    out.quote(-1);
  }
  if (isBlock) out.startBlock(SPACED.has(name));
}

function itemMark(item: Element): string {
  const list = item.parentElement;
  if (list?.nodeName.toUpperCase() !== 'OL') return '* ';
  return `${[...list.children].filter((one) => one.nodeName === item.nodeName).indexOf(item) + 1}. `;
}

function addTarget(link: Element, out: Lines): void {
  const href = link.getAttribute('href') ?? '';
  const shown = (link.textContent ?? '').trim();
  if (/^https?:/i.test(href) && shown !== '' && shown !== href && !href.includes(shown)) out.add(` <${href}>`, true);
}

class Lines {
  readonly #lines: { depth: number; text: string }[] = [];
  #text = '';
  #depth = 0;
  #wantsGap = false;

  add(text: string, isKept: boolean): void {
    if (isKept) {
      const [first = '', ...others] = text.split('\n');
      this.#put(first);
      for (const line of others) {
        this.breakLine();
        this.#put(line);
      }
      return;
    }
    const plain = text.replaceAll(/[\s\u00A0]+/g, ' ');
    this.#put(this.#text === '' || this.#text.endsWith(' ') ? plain.trimStart() : plain);
  }

  breakLine(): void {
    this.#lines.push({ depth: this.#depth, text: this.#text.trimEnd() });
    this.#text = '';
  }

  startBlock(isSpaced: boolean): void {
    if (this.#text.trim() !== '') this.breakLine();
    this.#text = '';
    if (isSpaced) this.#wantsGap = true;
  }

  quote(by: 1 | -1): void {
    this.#depth += by;
  }

  text(): string {
    this.startBlock(false);
    return this.#lines
      .map(({ depth, text }) => (depth === 0 ? text : `${'>'.repeat(depth)} ${text}`.trimEnd()))
      .join('\n')
      .trim();
  }

  #put(text: string): void {
    if (text === '') return;
    if (this.#wantsGap) {
      if (this.#lines.length > 0 && this.#lines.at(-1)?.text !== '') this.#lines.push({ depth: this.#depth, text: '' });
      this.#wantsGap = false;
    }
    this.#text += text;
  }
}
