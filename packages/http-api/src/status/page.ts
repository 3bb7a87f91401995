import { createHash } from 'node:crypto';
import { STRIP_MS, type OutageView, type PathView, type StatusView } from './view.ts';
import { KINDS, WORDS, type Language } from './words.ts';

const HOUR_MS = 60 * 60_000;
const HOURS = STRIP_MS / HOUR_MS;
const OUTAGES_SHOWN = 20;

const STYLE = `:root{color-scheme:light dark;--ok:#2a7d46;--bad:#b3261e;--mid:#9a6700;--off:#767676}
body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
ul{list-style:none;padding:0}li{padding:.5rem 0;border-top:1px solid color-mix(in srgb,currentColor 20%,transparent)}
b{font-weight:600}.up{color:var(--ok)}.down{color:var(--bad)}.impaired{color:var(--mid)}.unknown{color:var(--off)}
svg{display:block;width:100%;height:.6rem;margin-top:.3rem}.t{fill:var(--ok);opacity:.35}.o{fill:var(--bad)}
small{color:var(--off)}`;

/** The one style that the page may have. No script, nothing from elsewhere. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Without script, and small: it is read when everything else is slow. */
export function statusPage(view: StatusView, language: Language): string {
  const words = WORDS[language];
  const sections = view.providers.map(
    ({ name, paths }) => `<h2>${escaped(name)}</h2><ul>${paths.map((path) => pathItem(path, view.nowMs, language)).join('')}</ul>`,
  );
  const past = view.outages.slice(0, OUTAGES_SHOWN).map((outage) => `<li>${outageText(outage, language)}</li>`);
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="refresh" content="60"><title>${words.title}</title><style>${STYLE}</style>
<link rel="alternate" type="application/rss+xml" href="/status.rss" title="${words.title}"></head><body><main>
<h1>${words.title}</h1><p>${words.intro}</p>${sections.length === 0 ? `<p>${words.none}</p>` : sections.join('')}
<h2>${words.past}</h2>${past.length === 0 ? `<p>${words.quiet}</p>` : `<ul>${past.join('')}</ul>`}
<p><small>${words.now} ${time(view.nowMs)} · <a href="/status.json">JSON</a> · <a href="/status.rss">RSS</a></small></p></main></body></html>
`;
}

function pathItem(path: PathView, nowMs: number, language: Language): string {
  const words = WORDS[language];
  const why = path.reason === undefined || path.state === 'up' ? '' : words.reason[path.reason];
  const state = `<b class="${path.state}">${words.state[path.state]}</b>`;
  const since = path.state === 'unknown' ? '' : ` ${words.since} ${time(path.sinceMs)}`;
  return `<li>${words.direction[path.direction]} ${KINDS[path.kind]} ${state}${since}${why === '' || why === undefined ? '' : ` (${why})`}${strip(path, nowMs, language)}</li>`;
}

/** One bar of seven days, an hour to the unit; what was down stands out. */
function strip({ outages }: PathView, nowMs: number, language: Language): string {
  const from = nowMs - STRIP_MS;
  const marks = outages.map(({ startMs, endMs }) => {
    const x = Math.max(0, (startMs - from) / HOUR_MS);
    const width = Math.max(0.5, ((endMs ?? nowMs) - from) / HOUR_MS - x);
    return `<rect class="o" x="${x.toFixed(1)}" width="${width.toFixed(1)}" height="4"/>`;
  });
  return `<svg viewBox="0 0 ${HOURS} 4" preserveAspectRatio="none" role="img" aria-label="${WORDS[language].strip(outages.length)}"><rect class="t" width="${HOURS}" height="4"/>${marks.join('')}</svg>`;
}

export function outageText({ provider, direction, kind, startMs, endMs, reason }: OutageView, language: Language): string {
  const words = WORDS[language];
  const why = words.reason[reason.class];
  const end = endMs === undefined ? '' : ` ${words.until} ${time(endMs)}`;
  return `${escaped(provider)}: ${words.direction[direction]} ${KINDS[kind]} ${words.since} ${time(startMs)}${end}${why === undefined ? '' : ` (${why})`}`;
}

function time(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (char) => ENTITIES[char] ?? '');
}
