import type { Output } from "./output.ts";
import { LiveLines, terminalColumns } from "./live_lines.ts";
import type { Progress, ProgressView, Running } from "./progress.ts";
import { fitted } from "../../../common/columns.ts";
import { printable } from "../../../common/printable.ts";
import { formatSize } from "../../../common/size.ts";
import { formatSeconds } from "./units.ts";

/** A transfer that ends sooner is not worth a bar of its own. */
const SHOW_AFTER_MS = 250;
const MAX_BARS = 8;
const MIN_COLUMNS = 24;
const BAR_COLUMNS = 24;
const NAME_COLUMNS = 28;

/** Progress bars on the terminal behind stderr: one per running transfer, one for the whole. */
export class ProgressBars implements ProgressView {
  readonly #output: Output;
  readonly #lines = new LiveLines();
  /** Transfers that have a bar, in the order of their bars. */
  #shown: unknown[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  draw(progress: Progress): void {
    const now = performance.now();
    const { running } = progress;
    this.#shown = this.#shown.filter((key) => running.has(key));
    for (const [key, { since }] of running) {
      const wanted = now - since > SHOW_AFTER_MS && this.#shown.length < MAX_BARS;
      if (wanted && !this.#shown.includes(key)) this.#shown.push(key);
    }
    const rows = this.#shown.map((key) => row(running.get(key)!));
    if (progress.files > 1 && now - progress.whole.since > SHOW_AFTER_MS) {
      const { whole, finished, files } = progress;
      rows.push(row({ ...whole, name: `${finished} of ${files} files` }));
    }
    if (rows.length === 0 && this.#output.above === undefined) return;
    this.#output.above ??= (text) => this.#lines.above(text);
    this.#lines.show(rows);
  }

  end(): void {
    if (this.#output.above === undefined) return;
    this.#lines.show([]);
    this.#output.above = undefined;
  }
}

/** `name ━━━━━━─────  45%  12.3 MiB/95.4 MiB  310 MiB/s  8s`, as wide as the terminal allows. */
export function row(
  running: Pick<Running, "name" | "size" | "offset"> & { rate: { perSecond: number | undefined } },
  columns = terminalColumns() - 1,
): string {
  const { size, offset } = running;
  const rate = running.rate.perSecond;
  const share = size === undefined ? undefined : size === 0 ? 1 : Math.min(1, offset / size);
  const left = size === undefined || !rate ? undefined : (size - offset) / rate;
  const percent = share === undefined ? "" : `${Math.floor(share * 100)}%`;
  const bytes = size === undefined
    ? formatSize(offset)
    : `${formatSize(offset)}/${formatSize(size)}`;
  const figures = [
    percent.padStart(4),
    bytes.padStart(19),
    (rate === undefined ? "" : `${formatSize(rate)}/s`).padStart(11),
    (left === undefined ? "" : formatSeconds(left)).padStart(6),
  ];
  // On a narrow terminal the least important figures are dropped first.
  let text = figures.join("  ");
  if (columns < text.length + MIN_COLUMNS) text = [figures[0], figures[2]].join("  ");
  if (columns < text.length + 12) text = figures[0]!;
  const free = Math.max(0, columns - text.length - 3);
  const nameColumns = Math.min(NAME_COLUMNS, Math.max(8, Math.floor(free / 2)));
  const barColumns = Math.min(BAR_COLUMNS, free - nameColumns);
  const name = fitted(printable(running.name), nameColumns);
  if (barColumns < 4) return `${name}  ${text}`;
  return `${name} ${bar(share, barColumns)} ${text}`;
}

function bar(share: number | undefined, columns: number): string {
  const filled = Math.round((share ?? 0) * columns);
  return "█".repeat(filled) + "░".repeat(columns - filled);
}
