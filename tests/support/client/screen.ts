/** The lines that a terminal of a width shows after some output. */

/**
 * Interprets the controls that the client uses: line ends, `CR`, cursor up, clearing to the right
 * and below. Lines that the terminal wrapped are joined.
 */
export function screenLines(output: string, columns: number): string[] {
  const rows: { text: string; wrapped: boolean }[] = [{ text: "", wrapped: false }];
  let [row, column] = [0, 0];
  const at = (index: number) => rows[index] ??= { text: "", wrapped: false };
  // deno-lint-ignore no-control-regex
  for (const [piece, count, control] of output.matchAll(/\x1b\[\??(\d*)([A-Za-z])|[^]/gu)) {
    if (control === "A") row = Math.max(0, row - Number(count || 1));
    else if (control === "K") at(row).text = at(row).text.slice(0, column);
    else if (control === "J") {
      at(row).text = at(row).text.slice(0, column);
      rows.length = row + 1;
    } else if (control !== undefined) continue;
    else if (piece === "\r") column = 0;
    else if (piece === "\n") [row, column] = [row + 1, 0];
    else {
      if (column === columns) {
        [row, column] = [row + 1, 0];
        at(row).wrapped = true;
      }
      const { text } = at(row);
      at(row).text = text.slice(0, column).padEnd(column) + piece + text.slice(column + 1);
      column++;
    }
    if (control === undefined && piece === "\n" && row < rows.length) at(row).wrapped = false;
  }
  const lines: string[] = [];
  for (const line of rows) {
    if (line?.wrapped) lines.push(lines.pop()! + line.text);
    else lines.push(line?.text ?? "");
  }
  return lines.map((line) => line.trimEnd()).filter((line) => line !== "");
}
