/** RFC 4180, comma or semicolon (what a German Excel writes), quotes doubled inside quotes. Empty lines are left out. */
export function parseCsv(text: string): string[][] {
  const plain = text.replace(/^\ufeff/, '').replaceAll(/\r\n?/g, '\n');
  const separator = separatorOf(plain.split('\n', 1)[0] ?? '');
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  /** `was`: the cell stood in quotes, so spaces at its ends are meant. */
  let quotes: 'none' | 'open' | 'was' = 'none';
  const endCell = () => {
    row.push(quotes === 'was' ? cell : cell.trim());
    cell = '';
    quotes = 'none';
  };
  const endRow = () => {
    endCell();
    if (row.some((one) => one !== '')) rows.push(row);
    row = [];
  };
  for (let i = 0; i < plain.length; i++) {
    const char = plain[i] ?? '';
    if (quotes === 'open') {
      if (char !== '"') cell += char;
      else if (plain[i + 1] === '"') cell += plain[++i] ?? '';
      else quotes = 'was';
    } else if (char === '"' && cell.trim() === '') {
      quotes = 'open';
      cell = '';
    } else if (char === separator) endCell();
    else if (char === '\n') endRow();
    else if (quotes === 'none' || char !== ' ') cell += char;
  }
  endRow();
  return rows;
}

function separatorOf(line: string): string {
  return line.includes(';') && !line.includes(',') ? ';' : ',';
}
