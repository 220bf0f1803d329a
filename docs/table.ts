/** Tables in Markdown, padded like those of `deno fmt`, so that formatting changes nothing. */

/** Writes a table. Cells are Markdown; a `|` in them is escaped here. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = headings.map((_, column) =>
    Math.max(3, ...lines.map((line) => line[column]!.length))
  );
  const [first, ...others] = lines.map((line) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [first, rule, ...others].join("\n");
}

/** Reads the rows of a table in Markdown. */
export function readTable(text: string): { headings: string[]; rows: string[][] } {
  const [headings, _rule, ...rows] = text.trim().split("\n").map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("\\|", "|"))
  );
  return { headings: headings!, rows };
}

/** Text as code. */
export function code(text: string): string {
  return `\`${text}\``;
}
