/** RFC 6570 level 1, as RFC 8620 2 wants it: `{name}` becomes the value, percent-encoded. Unknown names become nothing. */
export function expandTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([^{}]*)\}/g, (_, name: string) =>
    Object.hasOwn(values, name) ? encodeURIComponent(values[name] ?? '').replaceAll(/[!'()*]/g, percent) : '',
  );
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
