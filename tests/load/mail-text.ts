/** Words that differ from message to message: an index over one sentence told ten thousand times would measure nothing. */
const SYLLABLES = ['ka', 'lo', 'mer', 'ti', 'sun', 'ver', 'ab', 'ost', 'ri', 'den', 'fa', 'gul', 'hem', 'il', 'jo', 'pex'];
const WORDS = 4096;
const LINE_BYTES = 76;
/** Of one message; a larger one has them again and again. */
const DIFFERENT_LINES = 10_000;

/** A message of about `sizeBytes`; the same number gives the same message. */
export function mailText(number: number, sizeBytes: number): string {
  const random = randomOf(number + 1);
  const from = `${word(random)}.${word(random)}@far.test`;
  const head = [
    `From: ${word(random)} ${word(random)} <${from}>`,
    'To: Load <load@provider.test>',
    `Subject: ${[word(random), word(random), word(random)].join(' ')} ${number}`,
    `Date: ${new Date(Date.UTC(2026, 0, 1) + number * 600_000).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${number}.${Math.floor(random() * 1e9)}@far.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    '',
  ].join('\n');
  const lines: string[] = [];
  for (let left = sizeBytes - head.length; left > 0;) {
    const next = lines[lines.length - DIFFERENT_LINES] ?? line(random);
    lines.push(next);
    left -= next.length + 1;
  }
  return `${head}${lines.join('\n')}\n`;
}

function line(random: () => number): string {
  let text = '';
  while (text.length < LINE_BYTES - 12) text += `${word(random)} `;
  return text.trimEnd();
}

function word(random: () => number): string {
  let left = Math.floor(random() ** 2 * WORDS);
  let text = '';
  do {
    text += SYLLABLES[left % SYLLABLES.length];
    left = Math.floor(left / SYLLABLES.length);
  } while (left > 0);
  return text;
}

/** Mulberry32: small, and the same everywhere. */
function randomOf(seed: number): () => number {
  let state = (seed * 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
