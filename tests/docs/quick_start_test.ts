// The quick start of README: from nothing to an uploaded file, with the three commands it shows.
import { join } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { isInstalled } from "../support/docs/blocks.ts";
import { ROOT } from "../support/import_graph.ts";
import { until } from "../support/native.ts";

/** The indented lines between two headings of README. */
function quickStart(): string[] {
  const readme = Deno.readTextFileSync(join(ROOT, "README.md"));
  const part = readme.split("## Quick start\n")[1]!.split("\n## ")[0]!;
  return part.split("\n").filter((line) => line.startsWith("    ")).map((line) => line.trim());
}

/** `npx -y deno@2.9.6` without a registry: the Deno of the test. */
const NPX = `#!/bin/sh
[ "$1 $2" = "-y deno@2.9.6" ] || exit 2
shift 2
exec "$TOWPATH_TEST_DENO" "$@"
`;

Deno.test("README's quick start uploads a file from another directory in three commands", {
  ignore: Deno.build.os === "windows" || !isInstalled("git"),
}, async () => {
  const [clone, serve, upload] = quickStart();
  assertMatch(clone!, /^git clone … ~\/towpath && cd ~\/towpath$/);
  const home = Deno.makeTempDirSync({ prefix: "towpath-quick-" });
  const bin = join(home, "bin");
  const work = join(home, "work");
  for (const directory of [bin, work]) Deno.mkdirSync(directory);
  Deno.writeTextFileSync(join(bin, "npx"), NPX, { mode: 0o755 });
  Deno.writeTextFileSync(join(work, "report.pdf"), "content");
  const port = freePort();
  const shell = (line: string, cwd: string, env: Record<string, string> = {}) =>
    new Deno.Command("bash", {
      args: ["-euc", `unset INIT_CWD\n${line}`], // npx sets it where the tests run under it
      cwd,
      env: {
        PATH: `${bin}:${Deno.env.get("PATH")}`,
        HOME: home,
        DENO_DIR: join(home, "deno"), // empty: packages are fetched
        TOWPATH_TEST_DENO: Deno.execPath(),
        TOWPATH_PORT: String(port),
        TOWPATH_SERVER: `localhost:${port}`,
        ...env,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  let server: Deno.ChildProcess | undefined;
  try {
    const cloned = await shell(clone!.replace("…", ROOT), home).output();
    assertEquals(cloned.code, 0, new TextDecoder().decode(cloned.stderr));
    server = shell(`exec ${serve}`, join(home, "towpath")).spawn();
    let printed = "";
    const reading = server.stdout.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write: (text) => void (printed += text) }));
    const logging = server.stderr.pipeTo(new WritableStream());
    await until("the server is ready", () => printed.includes("Ctrl-C stops it."), 120_000);
    const [, password] = /Its password is shown only now:\s+(\S+)/.exec(printed)!;
    // A terminal would ask for it.
    const sent = await shell(upload!, work, { TOWPATH_PASSWORD: password! }).output();
    assertEquals(sent.code, 0, new TextDecoder().decode(sent.stderr));
    assertEquals(new TextDecoder().decode(sent.stdout), "/report.pdf\n");
    const stored = join(home, "towpath/data/users/a/admin/files/report.pdf");
    assertEquals(Deno.readTextFileSync(stored), "content");
    server.kill("SIGTERM");
    await Promise.all([server.status, reading, logging]);
    server = undefined;
  } finally {
    server?.kill("SIGTERM"); // SIGKILL would leave the server of the task behind
    await server?.status;
    Deno.removeSync(home, { recursive: true });
  }
});

Deno.test("the quick start has three commands before anything is installed", () => {
  const lines = quickStart();
  assert(lines.findIndex((line) => line.includes("npm install")) === 3, lines.join("\n"));
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
