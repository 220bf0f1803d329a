import type { ConfigDirectory } from "../../lib/connection/config.ts";
import { lineWords } from "./words.ts";

const FILE = "history";
/** Lines kept; older ones are dropped. */
export const MAX_LINES = 1000;
/** Commands that may have a secret among their words. */
const SECRET_COMMANDS = /^(user|pass|passwd|auth|reg|addu|resetpw)$/i;

/** The lines typed before, kept in the config directory (600); none that may hold a secret. */
export class History {
  readonly lines: string[];

  constructor(readonly config: ConfigDirectory | undefined) {
    this.lines = (config?.read(FILE) ?? "").split("\n").filter(Boolean);
  }

  /** Adds a line, unless it is the last one again, begins with a space or may hold a secret. */
  add(line: string): void {
    if (line.trim() === "" || line.startsWith(" ") || line === this.lines.at(-1)) return;
    if (mayHoldSecret(line)) return;
    this.lines.push(line);
    if (this.lines.length > MAX_LINES) this.lines.splice(0, this.lines.length - MAX_LINES);
    try {
      this.config?.write(FILE, this.lines.join("\n") + "\n");
    } catch {
      // The lines are still known until the shell ends.
    }
  }
}

function mayHoldSecret(line: string): boolean {
  if (/pass(word|wd)?\s*["'=:]|"token"/i.test(line)) return true;
  try {
    const [command = "", ...args] = lineWords(line);
    return SECRET_COMMANDS.test(command) && args.length > 0;
  } catch {
    return true;
  }
}
