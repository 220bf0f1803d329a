// Runs the commands of docs/operate.md in their order, in a fresh directory with the project's files.
import { join } from "@std/path";
import { assert, assertEquals, fail } from "@std/assert";
import { until } from "../support/native.ts";
import { ROOT } from "../support/import_graph.ts";

const PAGE = "docs/operate.md";
/** What the page's commands need of the project. */
const PROJECT = [
  ...["deno.json", "deno.lock", "README.md", "main.ts", "admin.ts", "client.ts"],
  ...["buffers", "client", "common", "protocol", "server", "std", "storage", "web"],
];

interface Block {
  /** `run`, `serve`, `stop`, `output`, or `file:NAME`. */
  kind: string;
  text: string;
  line: number;
}

/** The fenced blocks that are marked. */
function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```\w+ test=(\S+)\n([^]*?)^```$/gm)].map((match) => ({
    kind: match[1]!,
    text: match[2]!,
    line: page.slice(0, match.index).split("\n").length,
  }));
}

/** Makes sure that lines come in their order, others between them; `…` stands for anything. */
function assertOutput(output: string, wanted: string, where: string): void {
  const lines = output.split("\n");
  let at = 0;
  for (const line of wanted.trimEnd().split("\n")) {
    const parts = line.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    const pattern = new RegExp(`^${parts.join(".*")}$`);
    while (at < lines.length && !pattern.test(lines[at]!)) at++;
    assert(at++ < lines.length, `${where}: "${line}" is not in the output:\n${output}`);
  }
}

/** A directory to work in, and the ports in place of those on the page. */
class Place implements AsyncDisposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "towpath-operate-" });
  readonly #ports = { native: freePort(), web: freePort() };
  #server: Deno.ChildProcess | undefined;
  #serverOutput: Promise<Deno.CommandOutput> | undefined;

  constructor() {
    for (const name of PROJECT) {
      const copied = new Deno.Command("cp", {
        args: ["-a", join(ROOT, name), this.directory],
      }).outputSync();
      assert(copied.success, name);
    }
    Deno.mkdirSync(join(this.directory, "bin"));
    Deno.symlinkSync(Deno.execPath(), join(this.directory, "bin/deno"));
  }

  async run(text: string): Promise<string> {
    const { code, stdout, stderr } = await this.#shell(text).output();
    const output = new TextDecoder().decode(stdout);
    assertEquals(code, 0, `${text}\n${output}\n${new TextDecoder().decode(stderr)}`);
    return output;
  }

  async serve(text: string): Promise<void> {
    // In place of the shell, so that a signal reaches the server.
    this.#server = this.#shell(text.replace("deno task", "exec deno task")).spawn();
    this.#serverOutput = this.#server.output();
    let ended = false;
    this.#serverOutput.then(() => ended = true);
    const data = /--data (\S+)/.exec(text)?.[1] ?? "data";
    await until(
      "the server is ready, or has ended",
      () => ended || this.#pidIn(data) !== undefined,
      60_000,
    );
    if (!ended) return;
    fail(`${text}\n${new TextDecoder().decode((await this.#serverOutput).stderr)}`);
  }

  async stop(): Promise<void> {
    const pid = this.#pidIn("data") ?? this.#pidIn("moved");
    if (pid !== undefined) Deno.kill(pid, "SIGTERM");
    await this.#serverOutput;
    this.#server = this.#serverOutput = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server !== undefined) await this.stop();
    Deno.removeSync(this.directory, { recursive: true });
  }

  #pidIn(data: string): number | undefined {
    try {
      return JSON.parse(Deno.readTextFileSync(join(this.directory, data, "server.json"))).pid;
    } catch {
      return undefined;
    }
  }

  #shell(text: string): Deno.Command {
    const { native, web } = this.#ports;
    const denoDirectory = Deno.env.get("DENO_DIR") ??
      join(Deno.env.get("HOME") ?? "", ".cache/deno");
    return new Deno.Command("bash", {
      args: ["-euo", "pipefail", "-c", text.replaceAll("9443", String(web))],
      cwd: this.directory,
      clearEnv: true,
      env: {
        PATH: `${this.directory}/bin:${Deno.env.get("PATH")}:/usr/sbin`,
        HOME: this.directory,
        DENO_DIR: denoDirectory,
        NO_COLOR: "1",
        TOWPATH_PORT: String(native),
        TOWPATH_SERVER: `localhost:${native}`,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function isInstalled(program: string): boolean {
  const { success } = new Deno.Command("sh", {
    args: ["-c", `PATH="$PATH:/usr/sbin" command -v ${program}`],
    stdout: "null",
  }).outputSync();
  return success || Deno.env.has("CI"); // there, what is missing is a failure
}

Deno.test("the operator's page does what it says", {
  ignore: Deno.build.os !== "linux" || !["curl", "logrotate"].every(isInstalled),
}, async () => {
  const blocks = blocksOf(Deno.readTextFileSync(join(ROOT, PAGE)));
  assert(blocks.filter(({ kind }) => kind === "run").length >= 10);
  await using place = new Place();
  let output = "";
  for (const { kind, text, line } of blocks) {
    const where = `${PAGE}:${line}`;
    if (kind === "run") output = await place.run(text);
    else if (kind === "serve") await place.serve(text);
    else if (kind === "stop") await place.stop();
    else if (kind === "output") assertOutput(output, text, where);
    else if (kind.startsWith("file:")) {
      const own = text.replaceAll("/var/lib/towpath", join(place.directory, "data"));
      const options = { mode: 0o600 }; // others could not write to what is run as root
      Deno.writeTextFileSync(join(place.directory, kind.slice("file:".length)), own, options);
    } else fail(`${where}: unknown mark ${kind}`);
  }
});
