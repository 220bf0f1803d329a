// How the demo talks to the person who watches it.

import { bold, dim, green, red, setColorEnabled } from "@std/fmt/colors";

export { bold, dim, green, red };

setColorEnabled(Deno.stdout.isTerminal() && !Deno.noColor);

let steps = 0;

/** Begins a numbered step. */
export function step(title: string): void {
  console.log(`\n${bold(`${++steps}. ${title}`)}`);
}

/** A figure of the step. */
export function fact(name: string, value: string): void {
  console.log(`   ${dim(name.padEnd(15))} ${value}`);
}

/** Bytes, and what part of the whole they are. */
export function bytes(count: number, of?: number): string {
  const part = of === undefined ? "" : ` (${Math.round(100 * count / of)} %)`;
  return `${count.toLocaleString("en-US")} bytes${part}`;
}

/** Bytes in seconds, with the rate. */
export function rate(count: number, seconds: number): string {
  return `${seconds.toFixed(2)} s, ${Math.round(count / 1e6 / seconds)} MB/s`;
}
