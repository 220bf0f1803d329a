import process from "node:process";
// @ts-types="./cli_progress.d.ts"
import cliProgress, { type Bar } from "cli-progress";
import type { Output } from "./output.ts";
import type { Progress, ProgressView, Running } from "./progress.ts";
import { fitted } from "../../../common/columns.ts";
import { printable } from "../../../common/printable.ts";
import { formatSize } from "../../../common/size.ts";
import { formatSeconds } from "./units.ts";

/** A transfer that ends sooner is not worth a bar of its own. */
const SHOW_AFTER_MS = 250;
const MAX_BARS = 8;
const LEAST_COLUMNS = 24;
const BAR_COLUMNS = 24;
const NAME_COLUMNS = 28;

/** Progress bars on the terminal behind stderr: one per running transfer, one for the whole. */
export class ProgressBars implements ProgressView {
  readonly #output: Output;
  readonly #bars = new Map<unknown, Bar>();
  #multi: InstanceType<typeof cliProgress.MultiBar> | undefined;
  #whole: Bar | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  draw(progress: Progress): void {
    const now = performance.now();
    for (const [key, bar] of this.#bars) {
      if (progress.running.has(key)) continue;
      this.#multi?.remove(bar);
      this.#bars.delete(key);
    }
    for (const [key, running] of progress.running) {
      const bar = this.#bars.get(key);
      if (bar !== undefined) bar.update(running.offset, { text: row(running) });
      else if (now - running.since > SHOW_AFTER_MS && this.#bars.size < MAX_BARS) {
        this.#dropWhole(); // so that it stays the last
        this.#bars.set(key, this.#ready().create(1, 0, { text: row(running) }));
      }
    }
    if (progress.files < 2 || now - progress.whole.since < SHOW_AFTER_MS) return;
    const { whole, finished, files } = progress;
    const text = row({ ...whole, name: `${finished} of ${files} files` });
    if (this.#whole === undefined) this.#whole = this.#ready().create(1, 0, { text });
    else this.#whole.update(whole.offset, { text });
  }

  end(): void {
    if (this.#multi === undefined) return;
    this.#multi.update(); // prints what is to stand above
    this.#multi.stop();
    this.#output.above = undefined;
  }

  #ready(): InstanceType<typeof cliProgress.MultiBar> {
    if (this.#multi !== undefined) return this.#multi;
    const multi = new cliProgress.MultiBar({
      stream: process.stderr,
      format: (_options, _parameters, payload) => String(payload.text),
      fps: 10,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      linewrap: false,
      emptyOnZero: true,
      forceRedraw: true,
    });
    this.#output.above = (text) => multi.log(text);
    return this.#multi = multi;
  }

  #dropWhole(): void {
    if (this.#whole !== undefined) this.#multi?.remove(this.#whole);
    this.#whole = undefined;
  }
}

/** `name ━━━━━━─────  45%  12.3 MiB/95.4 MiB  310 MiB/s  8s`, as wide as the terminal allows. */
export function row(
  running: Pick<Running, "name" | "size" | "offset"> & { rate: { perSecond: number | undefined } },
  columns = process.stderr.columns || 80,
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
  // On a narrow terminal the least telling figures go first.
  let text = figures.join("  ");
  if (columns < text.length + LEAST_COLUMNS) text = [figures[0], figures[2]].join("  ");
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
