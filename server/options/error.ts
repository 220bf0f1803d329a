/** Errors that end a program of ours with one sentence and an exit code, without a stack. */

/** Exit codes of the server and of `admin` (docs/cli.md, "Exit codes"). */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 4,
  denied: 5,
  damage: 6,
  conflict: 8,
  someFailed: 10,
} as const;

/** An error for the person at the terminal: one sentence, and the exit code that goes with it. */
export class ExitError extends Error {
  override readonly name = "ExitError";

  constructor(readonly exitCode: number, message: string, options?: { cause?: unknown }) {
    super(message, options);
  }
}

/** Wrong usage: exit code 2. */
export function usageError(message: string): ExitError {
  return new ExitError(EXIT.usage, message);
}

/** It failed for another reason: exit code 1. */
export function failure(message: string, cause?: unknown): ExitError {
  return new ExitError(EXIT.failed, message, { cause });
}

/** The message of any thrown value, on one line, without the names of system calls. */
export function messageOf(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
  return message.replace(/ \(os error \d+\)(: [a-z_]+ '.*')?$/, "");
}

export { reasonOf } from "../../common/os_reason.ts";
