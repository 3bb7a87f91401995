import { expect, test } from 'vitest';
import { Scanner } from '../wire/scanner.ts';
import { contentFor } from './content-items.ts';
import { readFetchItems, type ContentItem } from './fetch-items.ts';

test.each([
  ['BODY.PEEK[]', 'whole'],
  ['(BODY[]<0.100> RFC822)', 'whole'],
  ['BODY.PEEK[HEADER]', 'header'],
  ['(RFC822.HEADER BODY[HEADER.FIELDS (From)] BODY[HEADER.FIELDS.NOT (To)]<1.2>)', 'header'],
  ['(BODY[HEADER] BODY[TEXT])', 'parts'],
  ['(BODY[] BODY[HEADER])', 'parts'],
  ['BODY[1]', 'parts'],
  ['BODY[1.HEADER]', 'parts'],
  ['BODY[1.MIME]', 'parts'],
  ['BINARY[]', 'parts'],
  ['BINARY.SIZE[1]', 'parts'],
])('to tell %s one needs: %s', (items, wanted) => {
  expect(contentFor(readFetchItems(new Scanner({ texts: [items], literals: [] })) as readonly ContentItem[])).toBe(wanted);
});
