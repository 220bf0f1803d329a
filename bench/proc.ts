// What Linux tells of running processes: CPU time and peak memory, of a process with all it started.

/** Clock ticks in a second, in /proc/PID/stat; 100 on every Linux that Deno runs on. */
const TICKS = 100;

/** CPU seconds: of the process itself, and of its children that ended and were waited for. */
interface CpuSeconds {
  own: number;
  reaped: number;
}

/** @throws {Deno.errors.NotFound} where there is no such process */
function cpuSeconds(pid: number): CpuSeconds {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The second field is the name in brackets, which may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
  const [user, system, childUser, childSystem] = fields.slice(11, 15) as [
    number,
    number,
    number,
    number,
  ];
  return { own: (user + system) / TICKS, reaped: (childUser + childSystem) / TICKS };
}

/** The process and everything below it that is still running. */
export function processTree(pid: number): number[] {
  const found = [pid];
  for (const parent of found) found.push(...childrenOf(parent));
  return found;
}

function childrenOf(pid: number): number[] {
  const children: number[] = [];
  try {
    for (const task of Deno.readDirSync(`/proc/${pid}/task`)) {
      const list = Deno.readTextFileSync(`/proc/${pid}/task/${task.name}/children`);
      children.push(...list.split(" ").filter((item) => item !== "").map(Number));
    }
  } catch {
    // It ended meanwhile.
  }
  return children;
}

/** CPU seconds of a process, of all below it, and of those of them that have ended. */
export function treeCpuSeconds(pid: number): number {
  let sum = 0;
  for (const member of processTree(pid)) {
    try {
      const { own, reaped } = cpuSeconds(member);
      sum += own + reaped;
    } catch {
      // It ended meanwhile; its parent counts it.
    }
  }
  return sum;
}

/** CPU seconds of all children of this process that have ended. */
export function reapedCpuSeconds(): number {
  return cpuSeconds(Deno.pid).reaped;
}

/** Peak resident bytes (VmHWM), added up over a process and all below it that run now. */
export function treePeakBytes(pid: number): number {
  let sum = 0;
  for (const member of processTree(pid)) {
    try {
      const status = Deno.readTextFileSync(`/proc/${member}/status`);
      sum += Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    } catch {
      // It ended meanwhile.
    }
  }
  return sum;
}

/** Sets the peak of a process and all below it back to what they hold now. */
export function resetPeak(pid: number): void {
  for (const member of processTree(pid)) {
    try {
      Deno.writeTextFileSync(`/proc/${member}/clear_refs`, "5");
    } catch {
      // Ended, or not ours to reset: then the peak is that since its start.
    }
  }
}
