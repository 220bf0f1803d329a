/** The fenced blocks of a page that a test runs: their info string has `test=KIND`. */
import { assert } from "@std/assert";

/** One block. */
export interface Block {
  /**
   * - `run`: shell commands; each has to succeed
   * - `exit:N`: the same, and the last one ends with exit code N
   * - `output`: lines that the last `run` printed, in this order, others between them
   * - `serve`, `stop`: starts the server, in the background, and stops it
   * - `start`: starts another program in the background; `port=N` waits for its port
   * - `end`: ends the programs that were started
   * - `file:PATH`: content of a file; its directory is made
   */
  kind: string;
  /** Programs without which the block is left out, with the `output` behind it: `needs=A,B`. */
  needs: string[];
  port: number | undefined;
  text: string;
  /** Line in the page, counted from 1. */
  line: number;
}

/** The marked blocks of a page, in their order; also those in comments, which no reader sees. */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```\w+ (test=[^\n]+)\n([^]*?)^```$/gm)].map((match) => {
    const words = match[1]!.split(" ").map((word) => word.split("=") as [string, string]);
    const { test, needs, port } = Object.fromEntries(words) as Record<string, string | undefined>;
    return {
      kind: test!,
      needs: needs?.split(",") ?? [],
      port: port === undefined ? undefined : Number(port),
      text: match[2]!,
      line: page.slice(0, match.index).split("\n").length,
    };
  });
}

/** Makes sure that lines come in their order, others between them; `…` matches anything. */
export function assertOutput(output: string, wanted: string, where: string): void {
  const lines = output.split("\n");
  let at = 0;
  for (const line of wanted.trimEnd().split("\n")) {
    const parts = line.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    const pattern = new RegExp(`^${parts.join(".*")}$`);
    while (at < lines.length && !pattern.test(lines[at]!)) at++;
    assert(at++ < lines.length, `${where}: "${line}" is not in the output:\n${output}`);
  }
}

/** Whether a program is there; in CI one that is missing is a failure of the test that needs it. */
export function isInstalled(program: string): boolean {
  const { success } = new Deno.Command("sh", {
    args: ["-c", `PATH="$PATH:/usr/sbin" command -v ${program}`],
    stdout: "null",
  }).outputSync();
  return success || Deno.env.has("CI");
}
