/** The terminal of the person at work: standard input, and passwords without echo. */
import { toText } from "@std/streams";
import { askLine, canAsk } from "../../common/secret_prompt.ts";

/** The terminal as commands use it. */
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
  readAll: () => toText(Deno.stdin.readable),
  askSecret: (question) => askLine(question, false),
};
