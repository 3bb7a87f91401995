/** RFC 4180, comma or semicolon (what a German Excel writes), quotes doubled inside quotes. Empty lines are left out. */
export function parseCsv(text: string): string[][] {
  const separator = (text.split('\n', 1)[0] ?? '').includes(';') && !(text.split('\n', 1)[0] ?? '').includes(',') ? ';' : ',';
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endCell = () => {
    row.push(cell.trim());
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.some((one) => one !== '')) rows.push(row);
    row = [];
  };
  const plain = text.replace(/^\ufeff/, '');
  for (let i = 0; i < plain.length; i++) {
    const char = plain[i] ?? '';
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (plain[i + 1] === '"') cell += plain[++i] ?? '';
      else isQuoted = false;
    } else if (char === '"' && cell.trim() === '') isQuoted = true;
    else if (char === separator) endCell();
    else if (char === '\n') endRow();
    else if (char !== '\r') cell += char;
  }
  endRow();
  return rows;
}
