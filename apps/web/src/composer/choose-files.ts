/** Lets the person choose files. @param accept types, as `<input accept>` takes them; empty: any */
export function chooseFiles(accept: string, onChosen: (files: Iterable<File>) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = accept;
  input.addEventListener('change', () => onChosen(input.files ?? []));
  input.click();
}
