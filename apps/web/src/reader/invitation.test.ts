import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { occasionsIn } from './invitation.ts';

const calendar = (lines: readonly string[], method = 'REQUEST', zones: readonly string[] = []): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', `METHOD:${method}`, ...zones, 'BEGIN:VEVENT', ...lines, 'END:VEVENT', 'END:VCALENDAR', ''].join(
    '\r\n',
  );
const one = (lines: readonly string[], method?: string, zones?: readonly string[]) => occasionsIn(calendar(lines, method, zones))[0];
const instant = (iso: string) => ({ kind: 'instant', atMs: Date.parse(iso) });

/** As Outlook writes it. */
const OUTLOOK_ZONE = [
  'BEGIN:VTIMEZONE',
  'TZID:W. Europe Standard Time',
  'BEGIN:STANDARD',
  'DTSTART:16010101T030000',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
  'END:STANDARD',
  'BEGIN:DAYLIGHT',
  'DTSTART:16010101T020000',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3',
  'END:DAYLIGHT',
  'END:VTIMEZONE',
];

test('an invitation says what, when, where, who', () => {
  expect(
    one([
      'SUMMARY:Planning\\, second',
      '  round',
      'DTSTART;TZID=America/New_York:20261203T090000',
      'DTEND;TZID=America/New_York:20261203T103000',
      'LOCATION:Room 5\\; upstairs',
      'DESCRIPTION:Bring:\\n- the plan\\n- a pen',
      'ORGANIZER;CN="Lindqvist, Anna":mailto:anna@lindqvist.test',
      'ATTENDEE;PARTSTAT=ACCEPTED;CN=Ben:MAILTO:ben@okafor.test',
      'ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:me@x.test',
      'RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20270301T000000Z',
    ]),
  ).toEqual({
    kind: 'invitation',
    title: 'Planning, second round',
    start: instant('2026-12-03T14:00:00Z'),
    end: instant('2026-12-03T15:30:00Z'),
    zone: 'America/New_York',
    place: 'Room 5; upstairs',
    text: 'Bring:\n- the plan\n- a pen',
    organizer: { name: 'Lindqvist, Anna', email: 'anna@lindqvist.test', answer: 'open' },
    guests: [
      { name: 'Ben', email: 'ben@okafor.test', answer: 'accepted' },
      { name: '', email: 'me@x.test', answer: 'open' },
    ],
    recurrence: {
      every: 'week',
      interval: 2,
      days: [],
      nthOfDays: undefined,
      monthDays: [],
      months: [],
      count: undefined,
      until: instant('2027-03-01T00:00:00Z'),
      isWhole: true,
    },
    except: [],
    besides: [],
  });
});

test.for<[string, string, string]>([
  ['in winter', '20261203T090000', '2026-12-03T08:00:00Z'],
  ['in summer', '20260703T090000', '2026-07-03T07:00:00Z'],
  ['before the clocks go forward', '20260329T015959', '2026-03-29T00:59:59Z'],
  ['after the clocks went forward', '20260329T030000', '2026-03-29T01:00:00Z'],
  ['after the clocks went back', '20261025T030000', '2026-10-25T02:00:00Z'],
])('by the rules in the file and by the name of a zone alike: %s', ([, wall, utc]) => {
  expect(one([`DTSTART;TZID=W. Europe Standard Time:${wall}`], 'REQUEST', OUTLOOK_ZONE)?.start).toEqual(instant(utc));
  expect(one([`DTSTART;TZID=Europe/Berlin:${wall}`])?.start).toEqual(instant(utc));
  expect(one([`DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:${wall}`])?.start).toEqual(instant(utc));
});

test.for<[string, readonly string[], unknown]>([
  ['in UTC', ['DTSTART:20261203T090000Z'], { start: instant('2026-12-03T09:00:00Z'), end: undefined }],
  ['with a length', ['DTSTART:20261203T090000Z', 'DURATION:P1DT1H30M'], { end: instant('2026-12-04T10:30:00Z') }],
  ['whole days', ['DTSTART;VALUE=DATE:20261203', 'DTEND;VALUE=DATE:20261205'], { start: { kind: 'day' }, end: { kind: 'day' } }],
  ['without a zone', ['DTSTART:20261203T090000'], { start: { kind: 'floating', atMs: Date.UTC(2026, 11, 3, 9) } }],
  ['in a zone that nobody knows', ['DTSTART;TZID=Moon/Base:20261203T090000'], { start: { kind: 'floating' }, zone: 'Moon/Base' }],
  ['ending before it begins', ['DTSTART:20261203T090000Z', 'DTEND:20251203T090000Z'], { end: undefined }],
])('a time %s', ([, lines, wanted]) => {
  expect(one(lines)).toMatchObject(wanted as object);
});

test.for<[string, readonly string[], string]>([
  ['REQUEST', ['SEQUENCE:2'], 'update'],
  ['CANCEL', [], 'cancelled'],
  ['REQUEST', ['STATUS:CANCELLED'], 'cancelled'],
  ['REPLY', [], 'answer'],
  ['PUBLISH', [], 'event'],
])('%s with %j is of the kind %s', ([method, lines, kind]) => {
  expect(one(['DTSTART:20261203T090000Z', ...lines], method)?.kind).toBe(kind);
});

test.for<[string, string]>([
  ['nothing', ''],
  ['no calendar', 'BEGIN:VCARD\r\nEND:VCARD'],
  ['no time', calendar(['SUMMARY:x'])],
  ['a time that is none', calendar(['DTSTART:99999999T999999'])],
  ['never closed', 'BEGIN:VCALENDAR\r\n'.repeat(50_000)],
  ['closed too often', 'END:VCALENDAR\r\n'.repeat(50_000)],
  ['an endless line', `BEGIN:VCALENDAR\r\nX${';A=B'.repeat(100_000)}`],
  ['quotes without end', `BEGIN:VCALENDAR\r\nX;${'A="'.repeat(100_000)}`],
  [
    'thousands of zones',
    calendar(['DTSTART;TZID=x:1'], 'REQUEST', 'BEGIN:VTIMEZONE\r\nTZID:x\r\nEND:VTIMEZONE'.repeat(5000).split('\r\n')),
  ],
])('hostile: %s gives no occasion, at once', ([, text]) => {
  expect(occasionsIn(text)).toEqual([]);
});

test('a thousand events and people are cut', () => {
  const event = [
    'BEGIN:VEVENT',
    'DTSTART:20261203T090000Z',
    ...Array.from({ length: 200 }, (_, index) => `ATTENDEE:mailto:${index}@x`),
    'END:VEVENT',
  ];
  const text = ['BEGIN:VCALENDAR', ...Array.from({ length: 40 }, () => event).flat(), 'END:VCALENDAR'].join('\r\n');
  expect(occasionsIn(text)).toHaveLength(10);
  expect(occasionsIn(text)[0]?.guests).toHaveLength(100);
});

test('whatever stands in it, it is read without an error', () => {
  assert(
    property(string({ unit: 'binary', maxLength: 200 }), string({ maxLength: 60 }), (lines, value) => {
      occasionsIn(calendar(lines.split('\n'), 'REQUEST', OUTLOOK_ZONE));
      for (const name of ['DTSTART', 'DTSTART;TZID=W. Europe Standard Time', 'RRULE', 'DURATION', 'ATTENDEE;CN'])
        occasionsIn(calendar(['DTSTART:20261203T090000Z', `${name}:${value}`], 'REQUEST'));
    }),
    { numRuns: 40 },
  );
});

test('when a series does not take place, and when besides, in the zone of each', () => {
  const found = one([
    'DTSTART;TZID=Europe/Berlin:20261201T090000',
    'RRULE:FREQ=WEEKLY',
    'EXDATE;TZID=Europe/Berlin:20261229T090000,20261222T090000',
    'EXDATE:20261222T080000Z',
    'EXDATE;VALUE=DATE:20270105,20270230,nonsense',
    'RDATE;VALUE=PERIOD:20270107T150000Z/PT1H,20270108T150000Z/20270108T160000Z',
    'RDATE;TZID=Asia/Tokyo:20270109T090000',
  ]);
  // A zone that is told twice is one moment; what is no date is none.
  expect(found?.except).toEqual([
    instant('2026-12-22T08:00:00Z'),
    instant('2026-12-29T08:00:00Z'),
    { kind: 'day', atMs: Date.parse('2027-01-05') },
  ]);
  expect(found?.besides).toEqual(['2027-01-07T15:00:00Z', '2027-01-08T15:00:00Z', '2027-01-09T00:00:00Z'].map(instant));
  expect(one(['DTSTART:20261201T090000Z', `EXDATE:${'20261208T090000Z,'.repeat(2000)}`])?.except).toHaveLength(1);
});
