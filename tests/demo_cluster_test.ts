/** `deno task demo:cluster`, as its task has it: with narrow permissions, to its end and interrupted. */
import { fromFileUrl } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { installLine, missingPackages } from "../demo/cluster/packages.ts";
import { until } from "./support/native.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));
const missing = missingPackages();
const ignore = missing.length > 0 && !Deno.env.has("CI");
if (ignore) console.log(`skipped: ${installLine(missing)}`);

/** A temporary directory that PostgreSQL's own user may enter. */
async function openDirectory(): Promise<string> {
  const directory = await Deno.makeTempDir();
  await Deno.chmod(directory, 0o755);
  return directory;
}

/** Starts the task with a temporary directory of its own. */
function start(temporary: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo:cluster"],
    cwd: ROOT,
    env: { TMPDIR: temporary },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Command lines of processes that name a directory, as all that the demo starts do. */
function processesOf(directory: string): string[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^[0-9]+$/.test(name))
    .map(({ name }) => {
      try {
        const environment = Deno.readTextFileSync(`/proc/${name}/environ`);
        const command = Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ");
        return `${environment}${command}`.includes(directory) ? command : "";
      } catch {
        return ""; // it has just ended
      }
    }).filter((command) => command !== "");
}

async function assertNothingLeft(temporary: string): Promise<void> {
  assertEquals(await Array.fromAsync(Deno.readDir(temporary)), []);
  assertEquals(processesOf(temporary), []);
}

Deno.test({
  name: "the demo of a cluster finishes at the other node what a killed one began",
  ignore,
  async fn() {
    const temporary = await openDirectory();
    try {
      const { code, stdout, stderr } = await start(temporary).output();
      const text = new TextDecoder().decode(stdout);
      assertEquals(code, 0, text + new TextDecoder().decode(stderr));
      assertMatch(text, /killed +node-[12], process [0-9]+, after [0-9,]+ bytes/);
      assertMatch(text, /resumed from +[1-9]/);
      assertMatch(text, /downloaded +[0-9a-f]{64} same/);
      await assertNothingLeft(temporary);
    } finally {
      await Deno.remove(temporary, { recursive: true });
    }
  },
});

Deno.test({
  name: "the demo of a cluster leaves nothing behind when it is interrupted",
  ignore,
  async fn() {
    const temporary = await openDirectory();
    try {
      const demo = start(temporary);
      const output = demo.output();
      let text = "";
      output.then(({ stderr }) => text = new TextDecoder().decode(stderr));
      // PostgreSQL and the monitor run; the other daemons are being started.
      await until(
        "the engines are being started",
        () =>
          ["postgres", "ceph-mon"].every((name) =>
            processesOf(temporary).some((command) => command.includes(name))
          ) || text !== "",
        120_000,
      );
      demo.kill("SIGINT");
      const { code, stderr } = await output;
      assertEquals(code, 130, new TextDecoder().decode(stderr));
      await assertNothingLeft(temporary);
    } finally {
      await Deno.remove(temporary, { recursive: true });
    }
  },
});

Deno.test("the demo of a cluster names the packages that are not installed", async () => {
  assertEquals(
    installLine(["postgresql", "radosgw"]),
    "apt-get install --no-install-recommends postgresql radosgw",
  );
  // A root directory with nothing but Deno has none of them.
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-env",
      "--allow-read=/nowhere",
      "demo/cluster/main.ts",
    ],
    cwd: ROOT,
  }).output();
  const text = new TextDecoder().decode(stderr).trim();
  assertEquals(code, 1);
  assertEquals(text.split("\n").length, 1, text);
  assert(text.includes("apt-get install --no-install-recommends postgresql ceph-mon"), text);
});
