import { MAX_HEADER_BYTES, readZonedDate } from '@stopgap/message';
import { fieldsOf } from './header-properties.ts';

/** RFC 5322 3.6.7: each server puts its own Received above those before, so the first one is the last. Undefined: it says no time, or none that has been. */
export async function lastReceivedMs(bytes: AsyncIterable<Buffer>, nowMs: number): Promise<number | undefined> {
  const field = fieldsOf(await headerOf(bytes)).find(({ name }) => name === 'received');
  const date = field?.raw.slice(field.raw.lastIndexOf(';') + 1).replaceAll(/\s+/g, ' ');
  const ms = date === undefined ? undefined : readZonedDate(date.trim())?.ms;
  return ms === undefined || ms > nowMs || ms < 0 ? undefined : ms;
}

/** Up to the first empty line; no more of the message is read than that. */
export async function headerOf(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  let text = '';
  for await (const chunk of bytes) {
    text += chunk.toString('latin1');
    if (text.length >= MAX_HEADER_BYTES || /(?:^|\n)\r?\n/.test(text)) break;
  }
  const end = /(?:^|\n)\r?\n/.exec(text)?.index;
  return Buffer.from(end === undefined ? text : text.slice(0, end), 'latin1');
}
