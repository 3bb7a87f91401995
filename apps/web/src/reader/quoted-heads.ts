/*
 * What Outlook puts over the message that is answered: it marks no line of it, so all that follows is quoted. `-----Original Message-----`, or a head in the
 * language of who writes.
 */
const FROM = String.raw`(?:From|Von|De|Da|Van)`;
const OTHERS = [
  String.raw`(?:Sent|Date|Gesendet|Datum|Envoyé|Inviato|Data|Verzonden)`,
  String.raw`(?:Subject|Betreff|Objet|Oggetto|Onderwerp)`,
];
const label = (names: string): RegExp => new RegExp(String.raw`^\s*\*?${names}(?: am)?\s?:`, 'i');
const FIRST = label(FROM);
const FURTHER = OTHERS.map(label);
const MARK =
  /^\s*-{3,} ?(?:Original[- ]?Message|Ursprüngliche Nachricht|Original[- ]?Nachricht|Message d['’]origine|Messaggio originale|Oorspronkelijk bericht) ?-{3,}\s*$/i;
const RULE = /^\s*_{5,}\s*$/;
/** With all recipients. */
const LONGEST_HEAD = 40;

/** Is it there that what was passed on may be read? */
export function isForward(subject: string | null): boolean {
  return /^\s*(?:fwd?|wg|tr)\s*:/i.test(subject ?? '');
}

/** The lines that are quoted, without a mark of their own: from there, and up to but without. */
export function quotedLines(lines: readonly string[]): { readonly from: number; readonly to: number } | undefined {
  for (const [index, line] of lines.entries()) {
    const end = MARK.test(line) ? (headEnd(lines, nextText(lines, index + 1)) ?? index + 1) : headEnd(lines, index);
    if (end === undefined) continue;
    const before = lines.slice(0, index).findLastIndex((one) => one.trim() !== '');
    const from = RULE.test(lines[before] ?? '') ? before : index;
    // Who marks what is quoted may have answered below.
    const next = nextText(lines, end);
    return { from, to: lines[next]?.startsWith('>') === true ? next : lines.length };
  }
  return undefined;
}

/** Where the head that begins here ends. Undefined: none does. */
function headEnd(lines: readonly string[], from: number): number | undefined {
  if (!FIRST.test(lines[from] ?? '')) return undefined;
  const blank = lines.findIndex((line, index) => index > from && line.trim() === '');
  const end = Math.min(blank === -1 ? lines.length : blank, from + LONGEST_HEAD);
  return FURTHER.every((one) => lines.slice(from, end).some((line) => one.test(line))) ? end : undefined;
}

function nextText(lines: readonly string[], from: number): number {
  const index = lines.findIndex((line, at) => at >= from && line.trim() !== '');
  return index === -1 ? lines.length : index;
}

/** Where in a page what is quoted begins, if it stands in no element of its own. @param quotes elements that are quotations anyway */
export function quotedFrom(body: HTMLElement, quotes: string): Node | undefined {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.nodeValue ?? '';
    if ((MARK.test(text) || (FIRST.test(text) && isLabel(node))) && node.parentElement?.closest(quotes) === null)
      return firstOf(node, body);
  }
  return undefined;
}

/** Labels are bold, and others follow: in the same block, or in those beside it. */
function isLabel(node: Node): boolean {
  const around = node.parentElement?.closest('b, strong')?.closest('p, div, td')?.parentElement;
  const labels = [...(around?.querySelectorAll('b, strong') ?? [])].map((one) => one.textContent ?? '');
  return FURTHER.every((one) => labels.some((text) => one.test(text)));
}

/** With all around it that begins with it, and with the rule that stands over it. */
function firstOf(node: Node, body: HTMLElement): Node {
  let start = node;
  while (start.parentNode !== null && start.parentNode !== body && start.previousSibling === null) start = start.parentNode;
  for (let before = start.previousSibling; before !== null && isRule(before); before = before.previousSibling) start = before;
  return start;
}

/** Outlook's: a line, and an element with nothing in it. */
function isRule(node: Node): boolean {
  return (
    (node.textContent ?? '').trim() === '' &&
    ['#text', 'HR', 'DIV'].includes(node.nodeName) &&
    (node as Partial<Element>).firstElementChild == null
  );
}
