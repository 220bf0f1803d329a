// Completion in shells, and words that people type by habit.
import { assert, assertEquals, assertMatch } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { permissionFlags } from "../../package/permission_flags.ts";
import { InstalledCommand } from "../support/client/installed_command.ts";
import { startServer } from "../support/server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Runs `towpath` as `deno install` installs it. */
async function towpath(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", ...permissionFlags(project.permissions.towpath)],
      ...[`${ROOT}towpath.ts`, ...args],
    ],
    stdin: "null",
    env: { HOME: "/nonexistent", DENO_DIR: Deno.env.get("DENO_DIR") ?? cache(), ...env },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const cache = () => `${Deno.env.get("HOME")}/.cache/deno`;

/** The candidates for the last of some words, without their meaning. */
async function complete(words: string[], env: Record<string, string> = {}): Promise<string[]> {
  const { stdout, stderr } = await towpath(["complete", "--", ...words], env);
  assertEquals(stderr, "");
  return stdout.split("\n").filter(Boolean).map((line) => line.split("\t")[0]!);
}

Deno.test("programs, commands and options are completed from their tables", async () => {
  assertEquals(await complete(["se"]), ["serve"]);
  assert((await complete(["up"])).includes("upload"));
  assertEquals(await complete(["upload", "--if"]), ["--if-exists"]);
  assertEquals(await complete(["client", "adm"]), ["admin"]);
  assertEquals(await complete(["serve", "--web-po"]), ["--web-port"]);
  assertEquals(await complete(["admin", "user", "ad"]), ["add"]);
  assertEquals(await complete(["admin", "user", "add", "x", "--perm"]), ["--permissions"]);
  assertEquals(await complete(["upload", "x"]), [":files"]);
  assertEquals(await complete(["upload", "--ca", ""]), [":files"]);
  for (const shell of ["bash", "zsh", "fish"]) {
    assertMatch((await towpath(["completion", shell])).stdout, /towpath complete --/);
  }
});

Deno.test("bash completes with the script, remote paths too", async () => {
  await using server = await startServer();
  const env = {
    TOWPATH_SERVER: `localhost:${server.port}`,
    TOWPATH_CA: server.ca,
    TOWPATH_USER: "admin",
    TOWPATH_PASSWORD: server.password,
  };
  assertEquals((await towpath(["mkdir", "/docs", "/doors"], env)).code, 0);
  assertEquals(await complete(["list", "/do"], env), ["/docs/", "/doors/"]);
  assertEquals(await complete(["list", "/docs"], { ...env, TOWPATH_PASSWORD: "wrong" }), []);

  // The script asks a command `towpath` on the path.
  using command = new InstalledCommand();
  const script = 'eval "$(towpath completion bash)"; COMP_WORDS=(towpath "$@"); COMP_CWORD=$#; ' +
    '_towpath; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", script, "bash", "list", "/doc"],
    env: { ...env, PATH: command.path },
    stdin: "null",
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "/docs/\n");
});

Deno.test("other names, --host and --port, and a command line without a command", async () => {
  await using server = await startServer();
  const env = { TOWPATH_CA: server.ca, TOWPATH_USER: "admin", TOWPATH_PASSWORD: server.password };
  const at = ["--host", "localhost", "--port", String(server.port)];
  const put = await towpath(["put", `${ROOT}LICENSE`, ...at], env);
  assertEquals([put.code, put.stdout], [0, "/LICENSE\n"], put.stderr);
  assertMatch((await towpath(["ls", ...at], env)).stdout, /^LICENSE$/m);
  assertEquals((await towpath(["del", "/LICENSE", ...at], env)).code, 0);

  const alone = await towpath([]);
  assertEquals(alone.code, 2);
  assertMatch(alone.stdout, /^Usage: towpath COMMAND/m);
  const near = await towpath(["dowload"]);
  assertEquals(near.code, 2);
  assertMatch(near.stderr, /did you mean download\?/);
  const nearAction = await towpath(["client", "admin", "user", "qota", "x", "1G", ...at], env);
  assertEquals(nearAction.code, 2);
  assertMatch(nearAction.stderr, /did you mean user quota\?/);
  const mistakes: [string, RegExp][] = [
    ["parts drop x", /There is no command "parts drop"; did you mean parts rm\?/],
    ["parts rm", /An argument is missing: towpath parts \[rm ID/],
    ["token delete x", /did you mean token revoke\?/],
    ["token create x", /There are too many arguments: towpath token create/],
    ["completion bsh", /did you mean bash\?/],
    ["user add bob", /There is no command "user"; did you mean admin user\?/],
    ["serve --prot 1", /Unknown option --prot; did you mean --port\?/],
  ];
  for (const [line, said] of mistakes) {
    const run = await towpath(line.split(" "), env);
    assertEquals(run.code, 2, line);
    assertMatch(run.stderr, said);
  }
});
