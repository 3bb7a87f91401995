import { createHash } from 'node:crypto';
import { STRIP_MS, type OutageView, type PathView, type StatusView } from './view.ts';
import { KINDS, WORDS, type Language } from './words.ts';

const HOUR_MS = 60 * 60_000;
const HOURS = STRIP_MS / HOUR_MS;
const OUTAGES_SHOWN = 20;
/** A mark, and a gap between two of them, that can still be seen; both are wider where all strips together would have more marks than the page has room for. */
const LEAST_HOURS = 1;
const MARKS_SHOWN = 170;

const STYLE = `:root{color-scheme:light dark;--ok:light-dark(#1f6f3a,#6fcf8f);--bad:light-dark(#b3261e,#ff8a80);--mid:light-dark(#855800,#f0b849);--off:light-dark(#5f5f5f,#a8a8a8)}
a{color:inherit}
html{background:Canvas;color:CanvasText}body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
ul{list-style:none;padding:0}li{padding:.5rem 0;border-top:1px solid color-mix(in srgb,currentColor 20%,transparent)}
b{font-weight:600}.up{color:var(--ok)}.down{color:var(--bad)}.impaired{color:var(--mid)}.unknown{color:var(--off)}
svg{display:block;width:100%;height:.6rem;margin-top:.3rem;background:color-mix(in srgb,currentColor 8%,transparent)}.t{fill:var(--ok);opacity:.35}.o{fill:var(--bad)}
small{color:var(--off)}`;

/** The one style that the page may have. No script, nothing from elsewhere. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Without script, and small: it is read when everything else is slow. It does not load itself anew, as that takes the place from who reads it (WCAG 2.2.1). */
export function statusPage(view: StatusView, language: Language): string {
  const words = WORDS[language];
  const scale = { nowMs: view.nowMs, leastHours: leastHoursFor(view) };
  const sections = view.providers.map(
    ({ name, paths }) => `<h2>${escaped(name)}</h2><ul>${paths.map((path) => pathItem(path, scale, language)).join('')}</ul>`,
  );
  const past = view.outages.slice(0, OUTAGES_SHOWN).map((outage) => `<li>${outageText(outage, language)}</li>`);
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${words.title}</title><style>${STYLE}</style>
<link rel="alternate" type="application/rss+xml" href="/status.rss" title="${words.title}"></head><body><main>
<h1>${words.title}</h1><p>${words.intro}</p>${sections.length === 0 ? `<p>${words.none}</p>` : sections.join('')}
<h2>${words.past}</h2>${past.length === 0 ? `<p>${words.quiet}</p>` : `<ul>${past.join('')}</ul>`}
<p><small>${words.now} ${time(view.nowMs)} · <a href="/status">${words.again}</a> · <a href="/status.json">JSON</a> · <a href="/status.rss">RSS</a></small></p></main></body></html>
`;
}

interface Scale {
  readonly nowMs: number;
  readonly leastHours: number;
}

function leastHoursFor({ nowMs, providers }: StatusView): number {
  const paths = providers.flatMap((provider) => provider.paths);
  const marks = (leastHours: number): number => paths.reduce((sum, { outages }) => sum + marksOf(outages, { nowMs, leastHours }).length, 0);
  let leastHours = LEAST_HOURS;
  while (leastHours < HOURS / 2 && marks(leastHours) > MARKS_SHOWN) leastHours *= 2;
  return leastHours;
}

function pathItem(path: PathView, scale: Scale, language: Language): string {
  const words = WORDS[language];
  const why = path.reason === undefined || path.state === 'up' ? '' : words.reason[path.reason];
  const state = `<b class="${path.state}">${words.state[path.state]}</b>`;
  const since = path.state === 'unknown' ? '' : ` ${words.since} ${time(path.sinceMs)}`;
  return `<li>${words.direction[path.direction]} ${KINDS[path.kind]} ${state}${since}${why === '' || why === undefined ? '' : ` (${why})`}${strip(path, scale, language)}</li>`;
}

/** One bar of seven days, an hour to the unit; what was down stands out, and the time before anybody looked stays empty. */
function strip({ outages, watchedSinceMs }: PathView, scale: Scale, language: Language): string {
  const words = WORDS[language];
  const marks = marksOf(outages, scale).map(({ from, to }) => `M${from} 0h${(to - from).toFixed(1)}v4h-${(to - from).toFixed(1)}z`);
  const path = marks.length === 0 ? '' : `<path class="o" d="${marks.join('')}"/>`;
  const bar = (label: string, marked: string) =>
    `<svg viewBox="0 0 ${HOURS} 4" preserveAspectRatio="none" role="img" aria-label="${label}">${marked}</svg>`;
  if (watchedSinceMs === undefined) return bar(words.state.unknown, '');
  const from = hoursInto(watchedSinceMs, scale.nowMs);
  if (from === 0) return bar(words.strip(outages.length, undefined), `<rect class="t" width="${HOURS}" height="4"/>${path}`);
  const watched = `<rect class="t" x="${from}" width="${(HOURS - from).toFixed(1)}" height="4"/>`;
  return bar(words.strip(outages.length, stamp(watchedSinceMs)), `${watched}${path}`);
}

/** Of the strip, by the tenth. */
function hoursInto(ms: number, nowMs: number): number {
  return Math.round(Math.max(0, (ms - (nowMs - STRIP_MS)) / HOUR_MS) * 10) / 10;
}

interface Mark {
  readonly from: number;
  readonly to: number;
}

/** In hours. What lies closer than can be seen is one mark, so that a path that comes and goes all week makes no large page. */
function marksOf(outages: PathView['outages'], { nowMs, leastHours }: Scale): readonly Mark[] {
  const marks: Mark[] = [];
  for (const { startMs, endMs } of outages.toSorted((one, other) => one.startMs - other.startMs)) {
    // One that began just now would lie beyond the end.
    const from = Math.min(hoursInto(startMs, nowMs), HOURS - leastHours);
    const to = Math.max(from + leastHours, hoursInto(endMs ?? nowMs, nowMs));
    const last = marks.at(-1);
    if (last !== undefined && from - last.to < leastHours) marks[marks.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else marks.push({ from, to });
  }
  return marks;
}

export function outageText({ provider, direction, kind, startMs, endMs, reason }: OutageView, language: Language): string {
  const words = WORDS[language];
  const why = words.reason[reason.class];
  const end = endMs === undefined ? '' : ` ${words.until} ${time(endMs)}`;
  return `${escaped(provider)}: ${words.direction[direction]} ${KINDS[kind]} ${words.since} ${time(startMs)}${end}${why === undefined ? '' : ` (${why})`}`;
}

function time(ms: number): string {
  return `<time datetime="${new Date(ms).toISOString()}">${stamp(ms)}</time>`;
}

function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (char) => ENTITIES[char] ?? '');
}
