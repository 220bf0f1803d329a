/** Words of a line: parted by spaces, but for those between double quotes (`""` is a quote there). */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const [, quoted, plain] of text.matchAll(/"((?:[^"]|"")*)"|(\S+)/g)) {
    words.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
  }
  return words;
}
