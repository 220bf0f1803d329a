/**
 * Questions to the person at the terminal.
 *
 * `@std/cli`'s `promptSecret` writes to stdout, which may be a pipe, and blocks the event loop, so
 * that no signal is handled meanwhile: these ask on stderr and wait asynchronously.
 */

const ENTER = new Set(["\r", "\n"]);
const INTERRUPT = "\u0003";
const END = "\u0004";
const ERASE = new Set(["\b", "\u007f"]);
const ERASE_LINE = "\u0015";

/** Whether a person can be asked: standard input and standard error are terminals. */
export function canAsk(): boolean {
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

/**
 * Prompts for a line.
 *
 * @param question text without harmful characters
 * @param echo whether the input is shown
 * @returns undefined where the user interrupts, or standard input ends
 */
export async function askLine(question: string, echo: boolean): Promise<string | undefined> {
  // Silent before the question appears: an answer typed at once must not be echoed.
  if (!echo) Deno.stdin.setRaw(true);
  try {
    write(question);
    return await readLine();
  } finally {
    if (!echo) {
      Deno.stdin.setRaw(false);
      write("\n");
    }
  }
}

async function readLine(): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(256);
  let typed: string[] = [];
  for (;;) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) return undefined;
    for (const character of decoder.decode(buffer.subarray(0, count), { stream: true })) {
      if (ENTER.has(character)) return typed.join("");
      if (character === INTERRUPT || (character === END && typed.length === 0)) return undefined;
      if (character === ERASE_LINE) typed = [];
      else if (ERASE.has(character)) typed.pop();
      else typed.push(character);
    }
  }
}

function write(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
}
