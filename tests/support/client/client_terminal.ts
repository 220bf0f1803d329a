/** The client in a pseudo-terminal, with a script of what is typed. */
import { clientFlags } from "./client.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** Input that is typed once the terminal shows a text. */
export type Step = [wait: string, send: string];

/** Runs a command line; the exit code, and all that the terminal showed. */
export async function inTerminal(
  args: string[],
  env: Record<string, string>,
  steps: Step[],
): Promise<{ code: number; shown: string }> {
  const child = new Deno.Command("python3", {
    args: [
      ...[
        `${ROOT}tests/client/terminal/in_terminal.py`,
        Deno.execPath(),
        "run",
        "--no-prompt",
        ...clientFlags(),
      ],
      ...[`${ROOT}client.ts`, ...args],
    ],
    cwd: ROOT,
    env: { TERM: "xterm-256color", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const script = steps.map(([wait, send]) => JSON.stringify({ wait, send }) + "\n").join("");
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, shown: decoder.decode(stdout) + decoder.decode(stderr) };
}
