/** The terminal of the person at work: standard input, and passwords without echo. */
import { outputColumns } from "../../common/output_columns.ts";
import { toText } from "@std/streams";
import { askLine, canAsk } from "../../common/secret_prompt.ts";

/** The terminal as commands use it. */
export interface Terminal {
  /** Whether a person can be asked. */
  readonly interactive: boolean;
  /** Columns for what is printed; undefined where it goes to no terminal. */
  readonly columns?: number | undefined;
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
  get columns() {
    return outputColumns();
  },
  readAll: () => toText(Deno.stdin.readable),
  askSecret: (question) => askLine(question, false),
};
