// Statistics of running processes on Linux: CPU time and peak memory, of a process with all its
// descendants. Deno reads /proc only with all permissions, so a shell does; one shell serves the
// whole run, as starting one for each sample would take time from the measured transfer. Bash if
// installed: it reads a file in one call, dash a byte at a time, and a server of many processes
// would pay most for that.

import { existsSync } from "node:fs";

const BASH = "/bin/bash";

/** Clock ticks in a second, in /proc/PID/stat; 100 on every Linux that Deno runs on. */
const TICKS = 100;

/** Answers "tree PID", "one PID" and "reset PID" with a line for each process, and then a dot. */
const SCRIPT = `
while read -r what queue; do
  while [ -n "$queue" ]; do
    pid=\${queue%% *}
    case $queue in *" "*) queue=\${queue#* } ;; *) queue= ;; esac
    [ "$what" = reset ] && echo 5 > /proc/$pid/clear_refs
    stat=
    read -r stat < /proc/$pid/stat
    [ -n "$stat" ] || continue
    peak=0
    while read -r name value rest; do
      [ "$name" = VmHWM: ] && peak=$value && break
    done < /proc/$pid/status
    echo "$peak $stat"
    [ "$what" = one ] && continue
    for list in /proc/$pid/task/*/children; do
      children=
      read -r children < "$list"
      [ -n "$children" ] && queue="\${queue:+$queue }$children"
    done
  done
  echo .
done 2>/dev/null`;

/** Processes that run now, added up. */
export interface Look {
  processes: number;
  /** CPU seconds of them, and of those of their children that ended and were waited for. */
  cpuSeconds: number;
  /** The latter alone. */
  reapedSeconds: number;
  /** Peak resident bytes (VmHWM). */
  peakBytes: number;
}

let shell: { ask(line: string): Promise<string[]> } | undefined;

/**
 * Samples a process and all its descendants. Processes that have ended meanwhile count as nothing.
 */
export async function lookAtTree(pid: number): Promise<Look> {
  return sum(await ask(`tree ${pid}`));
}

/** CPU seconds of all children of this process that have ended. */
export async function reapedCpuSeconds(): Promise<number> {
  return sum(await ask(`one ${Deno.pid}`)).reapedSeconds;
}

/** Sets the peak of a process and all below it back to what they hold now, where it may be set. */
export async function resetPeak(pid: number): Promise<void> {
  await ask(`reset ${pid}`);
}

function sum(lines: string[]): Look {
  const look: Look = { processes: 0, cpuSeconds: 0, reapedSeconds: 0, peakBytes: 0 };
  for (const line of lines) {
    // The name is in brackets, and may contain spaces and brackets itself.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ").map(Number);
    const [user, system, childUser, childSystem] = fields.slice(11, 15) as [
      number,
      number,
      number,
      number,
    ];
    look.processes++;
    look.cpuSeconds += (user + system + childUser + childSystem) / TICKS;
    look.reapedSeconds += (childUser + childSystem) / TICKS;
    look.peakBytes += Number.parseInt(line) * 1024;
  }
  return look;
}

function ask(line: string): Promise<string[]> {
  shell ??= startShell();
  return shell.ask(line);
}

/** It ends with this program, which holds the other end of what it reads. */
function startShell(): { ask(line: string): Promise<string[]> } {
  const child = new Deno.Command(existsSync(BASH) ? BASH : "sh", {
    args: ["-c", SCRIPT],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  child.unref();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream() as never).getReader();
  let text = "";
  const answer = async (line: string) => {
    await writer.write(new TextEncoder().encode(`${line}\n`));
    while (!/(^|\n)\.\n$/.test(text)) {
      const { done, value } = await reader.read();
      if (done) throw new Error("The shell that samples processes has ended");
      text += value;
    }
    const lines = text.split("\n").slice(0, -2);
    text = "";
    return lines;
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(line) {
      const mine = last.then(() => answer(line));
      last = mine.catch(() => {});
      return mine;
    },
  };
}
