/** Packets that the firewall of this machine drops, as a network does that fails. */

/** iptables, which waits for other users of its lock. */
const IPTABLES = ["iptables", "--wait", "20"];

/** Why this machine's firewall drops nothing for tests; undefined: it does. */
export const withoutFirewall = await reason();
if (withoutFirewall !== undefined) {
  console.log(`No packets are dropped by the firewall: ${withoutFirewall}`);
}

async function reason(): Promise<string | undefined> {
  const port = 1; // no test uses it
  try {
    const added = await iptables(...rule("--append", "--dport", port));
    if (added !== undefined) return added;
    return await iptables(...rule("--delete", "--dport", port));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Both directions of all connections to a port of this machine, of which nothing arrives. */
export class DroppedPort implements AsyncDisposable {
  #watch: Deno.ChildProcess | undefined;

  constructor(readonly port: number) {}

  /** Drops all packets from now on. No connection is closed or refused. */
  async drop(): Promise<void> {
    const { port } = this;
    // A shell removes the rules, also where the process of the tests is killed.
    const lines = rules(port).map((words) => [...IPTABLES, ...words].join(" "));
    const script = `cat >/dev/null; ${lines.join("; ").replaceAll("--append", "--delete")}`;
    this.#watch = new Deno.Command("setsid", {
      args: ["sh", "-c", script],
      cwd: "/",
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    for (const words of rules(port)) {
      const failure = await iptables(...words);
      if (failure !== undefined) throw new Error(failure);
    }
  }

  /** Lets all packets pass again. */
  async pass(): Promise<void> {
    const watch = this.#watch;
    if (watch === undefined) return;
    this.#watch = undefined;
    await watch.stdin.close();
    await watch.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pass();
  }
}

/** Rules of the packets to and from a port. */
function rules(port: number): string[][] {
  return [rule("--append", "--dport", port), rule("--append", "--sport", port)];
}

function rule(action: string, direction: string, port: number): string[] {
  return [action, "INPUT", ..."--in-interface lo --protocol tcp".split(" "), direction]
    .concat(String(port), "--jump", "DROP");
}

/** @returns why it failed */
async function iptables(...words: string[]): Promise<string | undefined> {
  const [program, ...args] = [...IPTABLES, ...words];
  const { code, stderr } = await new Deno.Command(program!, { args }).output();
  if (code === 0) return undefined;
  return new TextDecoder().decode(stderr).trim().split("\n")[0] || `${program} ends with ${code}`;
}
