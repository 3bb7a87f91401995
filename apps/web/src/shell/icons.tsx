import type { ReactNode } from 'react';

/** Drawn on a grid of 24, lines of 1.75. */
const SHAPES = {
  archive: 'M4 8h16v11a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM3 4h18v4H3zM10 12h4',
  attach: 'm20 11-8.6 8.6a5 5 0 0 1-7.1-7.1l8.7-8.7a3.4 3.4 0 0 1 4.8 4.8l-8.7 8.7a1.7 1.7 0 0 1-2.4-2.4l8-8',
  back: 'M15 5l-7 7 7 7',
  bold: 'M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z',
  bullets: 'M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01',
  calendar: 'M4 6h16v14H4zM4 10h16M8 3v4M16 3v4',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  chevron: 'm9 6 6 6-6 6',
  clear: 'M6 5h12M12 5l-2 14M4 20 20 4',
  close: 'M6 6l12 12M18 6 6 18',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2',
  cloud: 'M7 18a4 4 0 0 1-.6-7.95A6 6 0 0 1 18 9.5 4.25 4.25 0 0 1 17.5 18z',
  compose: 'M4 20h4L19.5 8.5a2.1 2.1 0 0 0-3-3L5 17zM14.5 7.5l3 3',
  draft: 'M6 3h8l4 4v14H6zM14 3v4h4M9 13h6M9 17h4',
  down: 'M12 4v11m-5-4.5 5 5 5-5M5 20h14',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  filter: 'M4 7h10M18 7h2M14 5v4M4 17h2M10 17h10M8 15v4',
  flag: 'M6 21V4M6 4.5c4-2 7 2 12 0v9c-5 2-8-2-12 0',
  fold: 'm6 15 6-6 6 6',
  folder: 'M3 6.5A1.5 1.5 0 0 1 4.5 5H9l2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z',
  forward: 'm14 5 6 6-6 6M20 11H10a6 6 0 0 0-6 6v2',
  help: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.6.3-1 .8-1 1.7M12 16.8h.01',
  image: 'M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5L20 18M9 9.5h.01',
  inbox: 'M4 13 6.5 5h11L20 13v6H4zM4 13h4.5l1.5 2.5h4l1.5-2.5H20',
  italic: 'M10 5h7M7 19h7M14 5l-4 14',
  junk: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.5v5.5M12 16.5h.01',
  label: 'M3.5 12.5V4.5a1 1 0 0 1 1-1h8L21 12l-8.5 8.5zM8 8h.01',
  link: 'M10 14a4 4 0 0 0 6 .4l2.8-2.8a4 4 0 0 0-5.7-5.7L11.8 7.2M14 10a4 4 0 0 0-6-.4l-2.8 2.8a4 4 0 0 0 5.7 5.7l1.3-1.3',
  mail: 'M4 6h16v12H4zM4 7l8 6 8-6',
  menu: 'M4 7h16M4 12h16M4 17h16',
  minimise: 'M6 18h12',
  maximise: 'M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  move: 'M3 6.5A1.5 1.5 0 0 1 4.5 5H9l2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5zM9 13.25h6m-2.5-2.5 2.5 2.5-2.5 2.5',
  numbers: 'M10 6h10M10 12h10M10 18h10M4 4.5 5.5 4v4M4 11.5c.5-1 2.5-.8 2 .5L4 14.5h2.5M4 16.5h2l-1 1.5c1.5 0 1.5 2-.2 2',
  outbox: 'M4 13 6.5 5H9M20 13 17.5 5H15M4 13v6h16v-6h-4.5L14 15.5h-4L8.5 13zM12 12V3m-3 3 3-3 3 3',
  print: 'M7 9V4h10v5M7 17H4v-7a1 1 0 0 1 1-1h14a1 1 0 0 1 1 1v7h-3M7 14h10v6H7z',
  quote: 'M6 17c2.5-1 3.5-3 3.5-5.5V7H5v5h3M15.5 17c2.5-1 3.5-3 3.5-5.5V7h-4.5v5h3',
  refresh: 'M20 11a8 8 0 0 0-14.5-3.5L4 9M4 4v5h5M4 13a8 8 0 0 0 14.5 3.5L20 15M20 20v-5h-5',
  reply: 'm10 5-6 6 6 6M4 11h10a6 6 0 0 1 6 6v2',
  replyAll: 'm12 5-6 6 6 6M8 5l-6 6 6 6M6 11h9a6 6 0 0 1 6 6v2',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4',
  send: 'M4 12 20.5 4 15 20.5l-3-7zM12 13.5 20.5 4',
  sent: 'M4 12 20.5 4 15 20.5l-3-7zM12 13.5 20.5 4',
  settings:
    'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM19 12l2-1.5-2-3.5-2.4.9a7 7 0 0 0-1.7-1L14.5 4h-5l-.4 2.9a7 7 0 0 0-1.7 1L5 7l-2 3.5L5 12l-2 1.5L5 17l2.4-.9a7 7 0 0 0 1.7 1l.4 2.9h5l.4-2.9a7 7 0 0 0 1.7-1l2.4.9 2-3.5z',
  source: 'm8 7-5 5 5 5M16 7l5 5-5 5',
  trash: 'M5 7h14M10 4h4M7 7l1 13h8l1-13M10.5 11v5.5M13.5 11v5.5',
  underline: 'M7 4v7a5 5 0 0 0 10 0V4M6 20h12',
  unread: 'M4 6h16v12H4zM4 7l8 6 8-6M19 5h.01',
  warning: 'M12 4 2.5 20h19zM12 10v4.5M12 17.3h.01',
} as const;

export type IconName = keyof typeof SHAPES;

/** Never the only name of a thing: whoever shows it names it. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }): ReactNode {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
