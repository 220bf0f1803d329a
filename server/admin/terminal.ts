/** The terminal of the person at work: standard input, and passwords without echo. */
import { askLine, canAsk } from "../../common/secret_prompt.ts";

/** What commands ask of it. */
export interface Terminal {
  /** Whether a person can be asked. */
  readonly interactive: boolean;
  /** All of standard input. */
  readAll(): Promise<string>;
  /** Asks for a secret without echo; undefined where the person interrupts. */
  askSecret(question: string): Promise<string | undefined>;
}

/** The terminal of this process. */
export const ownTerminal: Terminal = {
  get interactive() {
    return canAsk();
  },
  async readAll() {
    return await new Response(Deno.stdin.readable).text();
  },
  askSecret: (question) => askLine(question, false),
};
