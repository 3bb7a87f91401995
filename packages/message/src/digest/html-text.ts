import { decodeHTML } from 'entities/decode';
import { foldedText } from './folded-text.ts';

/** Their contents are no text for people. Their end is looked for at once: markup inside them is none (HTML 13.2.5.2). */
const RAW: ReadonlySet<string> = new Set(['script', 'style', 'xml', 'noembed', 'template', 'svg', 'iframe']);
/** Tags that stand inside a word or a line. Every other one is a gap. */
const INLINE: ReadonlySet<string> = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark meter nobr q s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);
/** Longer names are no HTML. */
const LONGEST_TAG = 20;

/**
 * The words of an HTML text, in one pass: everything is looked at once, and what is never closed (a tag, a comment, a script) runs to the end, as in
 * browsers. For searching and for a preview, never for showing.
 */
export function htmlToText(html: string, mostChars: number): string {
  let out = '';
  let isHead = false;
  for (let at = 0; at < html.length && out.length < mostChars;) {
    const open = html.indexOf('<', at);
    const end = open < 0 ? html.length : open;
    if (!isHead && end > at) out += html.slice(at, end);
    if (open < 0) break;
    const next = html.charCodeAt(open + 1);
    if (next === 0x21 || next === 0x3f) {
      at = markupEnd(html, open);
      continue;
    }
    const isEnd = next === 0x2f;
    const name = tagName(html, open + (isEnd ? 2 : 1));
    if (name === '') {
      if (!isHead) out += '<';
      at = open + 1;
      continue;
    }
    at = tagEnd(html, open);
    if (name === 'head') isHead = !isEnd;
    else if (name === 'body') isHead = false;
    if (!isEnd && RAW.has(name)) at = rawEnd(html, at, name);
    else if (!INLINE.has(name)) out += ' ';
  }
  return foldedText(out.includes('&') ? decodeHTML(out) : out, mostChars);
}

/** Lower case; '': no tag begins here. */
function tagName(html: string, start: number): string {
  let end = start;
  for (; end < start + LONGEST_TAG; end++) {
    const code = html.charCodeAt(end);
    const lower = code | 0x20;
    const isLetter = lower >= 0x61 && lower <= 0x7a && code < 0x80;
    if (!isLetter && (end === start || code < 0x30 || code > 0x3a)) break;
  }
  return html.slice(start, end).toLowerCase();
}

/** Past the `>` that is in no quotes; a quote only counts after a `=` (HTML 13.2.5.37). */
function tagEnd(html: string, open: number): number {
  let isValue = false;
  for (let at = open + 1; at < html.length; at++) {
    const code = html.charCodeAt(at);
    if (code === 0x3e) return at + 1;
    if (isValue && (code === 0x22 || code === 0x27)) {
      const close = html.indexOf(html.charAt(at), at + 1);
      if (close < 0) return html.length;
      at = close;
    }
    if (code === 0x3d) isValue = true;
    else if (code > 0x20) isValue = false;
  }
  return html.length;
}

/** Past a comment, a doctype, a processing instruction. */
function markupEnd(html: string, open: number): number {
  const isComment = html.startsWith('<!--', open);
  const close = isComment ? html.indexOf('-->', open + 2) : html.indexOf('>', open);
  if (close < 0) return html.length;
  return close + (isComment ? 3 : 1);
}

/** Where its end tag begins. */
function rawEnd(html: string, start: number, name: string): number {
  for (let at = html.indexOf('</', start); at >= 0; at = html.indexOf('</', at + 2)) {
    if (tagName(html, at + 2) === name) return at;
  }
  return html.length;
}
