// How the demo talks to the person who watches it.

const COLOUR = Deno.stdout.isTerminal() && Deno.env.get("NO_COLOR") === undefined;
const paint = (code: number) => (text: string) => COLOUR ? `\x1b[${code}m${text}\x1b[0m` : text;

export const bold = paint(1);
export const dim = paint(2);
export const green = paint(32);
export const red = paint(31);

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
