// The npm package: packed, installed into an empty prefix, and used for a transfer.
import { basename, join } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/native.ts";
import { permissionFlags } from "../../package/permission_flags.ts";
import { TARGETS } from "../../package/targets.ts";
import { manPages } from "../../docs/man/pages.ts";
import project from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url).pathname;
const PASSWORD = "correct horse battery";

/** Runs a program to its end. */
async function run(program: string, args: string[], options: Deno.CommandOptions = {}) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
    ...options,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The arguments of a task, without `deno`. */
function task(name: "pack" | "compile"): string[] {
  const words = project.tasks[name].command.split(" ").slice(1);
  return words.filter((word) => !word.includes("$(") && !word.includes("execPath"));
}

Deno.test("the npm package is packed, installed, and transfers a file as `towpath`", async () => {
  const place = Deno.makeTempDirSync({ prefix: "towpath-npm-" });
  const prefix = join(place, "prefix");
  const env = {
    HOME: place,
    DENO_DIR: await denoDirectory(),
    TOWPATH_ADMIN_PASSWORD: PASSWORD,
    npm_command: "", // the tests may run under npx, this command does not
  };
  let server: Deno.ChildProcess | undefined;
  try {
    const packed = await run(Deno.execPath(), [...task("pack"), place], { cwd: ROOT });
    assertEquals(packed.code, 0, packed.stderr);
    const file = packed.stdout.trim();
    const listed = await run("tar", ["-tzf", file]);
    for (const left of ["tests/", "bench/", "soak/", "web/page.ts"]) {
      assert(!listed.stdout.includes(`package/${left}`), left);
    }
    const installed = await run("npm", ["install", "--silent", "-g", "--prefix", prefix, file]);
    assertEquals(installed.code, 0, installed.stderr);
    const command = join(prefix, "bin/towpath");
    const pages = [...Deno.readDirSync(join(prefix, "share/man/man1"))].map(({ name }) => name);
    assertEquals(pages.sort(), [...manPages().keys()].sort());

    server = new Deno.Command(command, {
      args: ["serve", "--port", "0", "--web-port", "0"],
      cwd: place,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const note = join(place, "data/server.json");
    await until("the server is ready", () => {
      try {
        return Deno.readTextFileSync(note) !== "";
      } catch {
        return false;
      }
    }, 60_000);
    const { port } = JSON.parse(Deno.readTextFileSync(note)).native;
    Deno.writeTextFileSync(join(place, "note.txt"), "towpath");
    const client = {
      cwd: place,
      env: { ...env, TOWPATH_USER: "admin", TOWPATH_PASSWORD: PASSWORD },
    };
    const at = ["--server", `localhost:${port}`];
    const sent = await run(command, ["upload", "note.txt", "--to", "/in/", ...at], client);
    assertEquals([sent.code, sent.stdout], [0, "/in/note.txt\n"], sent.stderr);
    const got = await run(
      command,
      ["client", "download", "/in/note.txt", "--to", "-", ...at],
      client,
    );
    assertEquals(got.stdout, "towpath", got.stderr);
    const accounts = await run(command, ["admin", "user", "list"], client);
    assertMatch(accounts.stdout, /admin/);

    // Help and errors name the command as it was called.
    assertMatch(
      (await run(command, ["serve", "--help"], client)).stdout,
      /^Usage: towpath serve /m,
    );
    assertMatch(
      (await run(command, ["admin", "--help"], client)).stdout,
      /^Usage: towpath admin /m,
    );
    const wrong = await run(command, ["uplod"], client);
    assertEquals(wrong.code, 2);
    assertMatch(wrong.stderr, /There is no command "uplod"; did you mean upload\?/);
    const missing = await run(command, ["upload"], client);
    assertMatch(missing.stderr, /: towpath upload LOCAL/);

    // Without installing: the advice can be pasted, and asks no registry for the name.
    const name = `./${basename(file)}`;
    const byNpx = await run("npx", ["--yes", name, "upload"], { cwd: place });
    assertMatch(byNpx.stderr, /: npx \.\/towpath-[\d.]+\.tgz upload LOCAL/);

    // A signal to the command ends the server in order.
    server.kill("SIGTERM");
    assertEquals((await server.status).code, 0);
    server = undefined;
  } finally {
    server?.kill("SIGKILL");
    await server?.status;
    await Deno.remove(place, { recursive: true });
  }
});

Deno.test("the documented `deno install` line installs a command with the documented permissions", async () => {
  const place = Deno.makeTempDirSync({ prefix: "towpath-install-" });
  try {
    const page = Deno.readTextFileSync(join(ROOT, "docs/install.md"));
    const line = /^ *deno (install -g (?:[^\\\n]|\\\n)*)/m.exec(page)![1]!;
    const words = line.replaceAll(/\\\n|'/g, " ").trim().split(/\s+/);
    const flags = words.filter((word) => word.startsWith("--allow-"));
    assertEquals(flags, permissionFlags(project.permissions.towpath));
    const v8 = /--v8-flags=\S+/.exec(project.tasks.serve.command)![0];
    assert(words.includes(v8), "the memory of a server is bounded as by the task");
    const env = { DENO_DIR: await denoDirectory() };
    const done = await run(Deno.execPath(), [...words, "--root", place], { cwd: ROOT, env });
    // Deno writes the name of `deno` into what it installs.
    assertEquals(done.code, 0, done.stderr);
    assert(Deno.readTextFileSync(join(place, "bin/towpath")).includes(v8));
    Deno.symlinkSync(Deno.execPath(), join(place, "bin/deno"));
    const path = `${place}/bin:${Deno.env.get("PATH")}`;
    const options = { cwd: place, env: { ...env, PATH: path, HOME: place } };
    const { stdout, stderr } = await run(join(place, "bin/towpath"), ["serve", "--help"], options);
    assertMatch(stdout, /^Usage: towpath serve /, stderr);
    const client = await run(join(place, "bin/towpath"), ["list", "--help"], options);
    assertMatch(client.stdout, /Usage: towpath list /, client.stderr);
  } finally {
    await Deno.remove(place, { recursive: true });
  }
});

Deno.test("compiling makes an executable, or says in one sentence why not", async () => {
  const place = Deno.makeTempDirSync({ prefix: "towpath-compile-" });
  try {
    const file = join(place, "towpath");
    const args = ["run", "--quiet", "--allow-env=INIT_CWD", "--allow-read"];
    const { code, stderr } = await run(Deno.execPath(), [
      ...args,
      `--allow-run=${Deno.execPath()}`,
      ...["package/compile.ts", Deno.build.target, file],
    ], { cwd: ROOT });
    if (code === 0) {
      const { stdout } = await run(file, ["serve", "--help"], { cwd: place });
      assertMatch(stdout, /^Usage: towpath serve /);
      return;
    }
    assertEquals(stderr.trim().split("\n").length, 1, stderr);
    assertMatch(
      stderr,
      /^towpath: Cannot compile for \S+: Deno's base executable, denort, could not/,
    );
  } finally {
    await Deno.remove(place, { recursive: true });
  }
});

Deno.test("compiling builds all but the base executable, and knows its targets", async () => {
  const place = Deno.makeTempDirSync({ prefix: "towpath-compile-" });
  try {
    const file = join(place, "towpath");
    const compile = (target: string) =>
      run(Deno.execPath(), [
        ...["run", "--quiet", "--allow-env=INIT_CWD", "--allow-read"],
        ...[`--allow-run=${Deno.execPath()}`, "package/compile.ts", target, file],
        // Deno itself is no denort, and is taken for one: what is made cannot run, and is complete.
      ], { cwd: ROOT, env: { DENORT_BIN: Deno.execPath() } });
    const made = await compile(Deno.build.target);
    assertEquals([made.code, made.stdout.trim()], [0, file], made.stderr);
    const found = await run("grep", ["-ac", "The worker was replaced", file]);
    assert(Number(found.stdout) > 0, "the worker is included");
    const wrong = await compile("pdp11");
    assertEquals(wrong.code, 2);
    assertMatch(wrong.stderr, /^towpath: There is no target "pdp11": it is one of x86_64-unknown/);
    const page = Deno.readTextFileSync(join(ROOT, "docs/install.md"));
    for (const target of TARGETS) assert(page.includes(`\`${target}\``), target);
  } finally {
    await Deno.remove(place, { recursive: true });
  }
});

/** Deno's cache, whose packages need no fetching. */
async function denoDirectory(): Promise<string> {
  const { stdout } = await run(Deno.execPath(), ["info", "--json"]);
  return JSON.parse(stdout).denoDir;
}
