/** The terminal of the person at work: standard input, and passwords without echo. */

/** What commands ask of it. */
export interface Terminal {
  /** Whether a person can be asked. */
  readonly interactive: boolean;
  /** All of standard input. */
  readAll(): Promise<string>;
  /** Asks for a secret without echo; undefined where the person interrupts. */
  askSecret(question: string): Promise<string | undefined>;
}

const ENTER = new Set(["\r", "\n"]);
const INTERRUPT = new Set(["\u0003", "\u0004"]);
const ERASE = new Set(["\u0008", "\u007f"]);

/** The terminal of this process. */
export const ownTerminal: Terminal = {
  get interactive() {
    return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
  },

  async readAll() {
    return await new Response(Deno.stdin.readable).text();
  },

  async askSecret(question) {
    // Silent before the question stands: an answer typed at once must not be echoed.
    Deno.stdin.setRaw(true);
    try {
      // On stderr, so that stdout can be piped.
      await write(question);
      return await readLine();
    } finally {
      Deno.stdin.setRaw(false);
      await write("\n");
    }
  },
};

async function readLine(): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(256);
  let line = "";
  while (true) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) return undefined;
    for (const character of decoder.decode(buffer.subarray(0, count), { stream: true })) {
      if (ENTER.has(character)) return line;
      if (INTERRUPT.has(character)) return undefined;
      line = ERASE.has(character) ? [...line].slice(0, -1).join("") : line + character;
    }
  }
}

async function write(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await Deno.stderr.write(bytes.subarray(at));
}
