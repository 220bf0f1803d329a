import type { Command } from "../options/command.ts";
import { ClientError, Interrupted } from "../../lib/common/error.ts";
import { listRemote } from "../../lib/listing.ts";
import { complete } from "../shell/complete.ts";
import { LineReader } from "../shell/line_reader.ts";
import { History } from "../shell/history.ts";
import { Shell } from "../shell/shell.ts";
import { within } from "../../lib/connection/transfer.ts";

/** Completion waits no longer for the server. */
const COMPLETION_MS = 2000;

/** `shell` */
export const shell: Command = {
  name: "shell",
  summary: "type commands one after another: the FTP verbs and the client's own",
  usage: "",
  options: [],
  arguments: { least: 0, most: 0 },
  interactive: true,
  details:
    `STOR LOCAL [REMOTE], RETR REMOTE [LOCAL], CWD, LCD, LIST and the other verbs in upper or lower
case, and every command of the client, relative to the current remote and local directory. Tab
completes, the arrow keys recall what was typed before, Ctrl-C stops a transfer and not the shell.
Without a terminal each line of standard input is a command, and the exit code that of the last one
that failed.`,
  async run(context) {
    const session = new Shell(context, await context.commands());
    await session.begin();
    const onInterrupt = () => {
      if (!session.interrupt() && !Deno.stdin.isTerminal()) Deno.exit(130);
    };
    Deno.addSignalListener("SIGINT", onInterrupt);
    try {
      if (Deno.stdin.isTerminal() && Deno.stderr.isTerminal()) await typed(session);
      else await piped(session);
    } finally {
      Deno.removeSignalListener("SIGINT", onInterrupt);
      await session.end();
    }
  },
};

async function typed(session: Shell): Promise<void> {
  const { context, commands } = session;
  const history = new History(context.config);
  const listDirectory = async (directory: string): Promise<string[]> => {
    const names: string[] = [];
    for await (const page of listRemote(await session.client(), session.remote(directory), false)) {
      names.push(...page.map(({ name, type }) => type === "directory" ? `${name}/` : name));
      break; // more than a page is nothing to choose from
    }
    return names;
  };
  const reader = new LineReader(
    history,
    (before) =>
      complete(
        before,
        commands,
        async (directory) =>
          await within(COMPLETION_MS, listDirectory(directory)).catch(() => undefined) ?? [],
      ),
  );
  if (!context.output.quiet) context.output.note("HELP lists the commands, QUIT leaves.");
  while (!session.left) {
    const line = await reader.read(session.prompt);
    if (line === "end") break;
    if (line !== "interrupted") await session.run(line.text);
  }
  reader.close();
}

async function piped(session: Shell): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  for (let ended = false; !ended && !session.left;) {
    const count = await Deno.stdin.read(buffer);
    ended = count === null;
    rest += count === null ? "\n" : decoder.decode(buffer.subarray(0, count), { stream: true });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop()!;
    for (const line of lines) {
      if (!session.left && line.trim() !== "") await session.run(line);
    }
  }
  if (session.exitCode === 130) throw new Interrupted();
  if (session.exitCode !== 0) {
    throw new ClientError("A command failed", { exitCode: session.exitCode });
  }
}
