// A start of the client loads no more than its command needs: each module takes time from every run.
import { assert, assertEquals } from "@std/assert";
import { dirname, join, normalize } from "@std/path/posix";
import { commandNames, findCommand } from "../../client/cli/commands.ts";
import { clientCommand } from "../support/client/client.ts";
import { loadedWith, projectFiles, ROOT } from "../support/import_graph.ts";

/** All files of the project that are loaded before a command runs. */
function loadedBy(...roots: string[]): string[] {
  const found = new Set(roots);
  for (const file of found) {
    for (const name of loadedWith(Deno.readTextFileSync(join(ROOT, file)))) {
      if (name.startsWith(".")) found.add(normalize(join(dirname(file), name)));
    }
  }
  return [...found].filter((file) => !file.endsWith(".json"));
}

Deno.test("transfers of single files load nothing for trees, nor for the other direction", () => {
  const start = "client/cli/cli.ts";
  const upload = loadedBy(start, "client/cli/commands/upload.ts");
  const download = loadedBy(start, "client/cli/commands/download.ts");
  assert(upload.includes("client/lib/upload/upload.ts"), "the graph is read as it is");
  assert(download.includes("client/lib/download/download.ts"), "the graph is read as it is");
  const trees = ["tree_transfer", "journal", "remote_tree", "removals", "request_many", "swaps"]
    .map((name) => `client/cli/tree/${name}.ts`);
  const among = (files: string[], ...places: string[]) =>
    files.filter((file) => places.some((place) => file.startsWith(place)));
  assertEquals(among(upload, ...trees, "client/lib/download/"), []);
  assertEquals(among(download, ...trees), []);
});

Deno.test({
  name: "a command starts without reading the files of any other one",
  ignore: !hasStrace(),
  async fn() {
    const trace = Deno.makeTempFileSync({ prefix: "towpath-start-" });
    try {
      const { success, stderr } = await new Deno.Command("strace", {
        args: [
          ...["-f", "-qq", "-e", "trace=openat", "-o", trace],
          ...[Deno.execPath(), ...clientCommand(["download", "--help"])],
        ],
        cwd: ROOT,
        stdout: "null",
        stderr: "piped",
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      const opened = Deno.readTextFileSync(trace)
        .matchAll(/\/client\/cli\/((?:commands|admin|shell|menu|sync)\/[^"]*\.ts)"/g);
      assertEquals([...new Set(Array.from(opened, ([, file]) => file))], ["commands/download.ts"]);
    } finally {
      Deno.removeSync(trace);
    }
  },
});

Deno.test("every command can be loaded, and has the name that it is called by", async () => {
  for (const name of commandNames()) assertEquals((await findCommand(name))?.name, name);
});

Deno.test("the entry loads nothing before it lets another thread begin with TLS", () => {
  assertEquals(loadedBy("client.ts"), ["client.ts", "client/cli/begin_tls.ts"]);
  assertEquals(loadedBy("towpath.ts"), ["towpath.ts", "client/cli/begin_tls.ts"]);
});

Deno.test("numbers and dates are written without the tables of locales, whose first use takes 9 ms", async () => {
  const folders = ["buffers/", "client/", "common/", "protocol/", "server/", "storage/"];
  const wrong: string[] = [];
  for (const file of await projectFiles()) {
    if (!folders.some((folder) => file.startsWith(folder))) continue;
    const code = Deno.readTextFileSync(join(ROOT, file)).replace(/\/\*[^]*?\*\//g, "");
    if (/\.toLocale(String|Date|Time)|Intl\.(NumberFormat|DateTimeFormat|PluralRules)/.test(code)) {
      wrong.push(file);
    }
  }
  assertEquals(wrong, []);
});

function hasStrace(): boolean {
  try {
    return new Deno.Command("strace", { args: ["-V"], stdout: "null" }).outputSync().success;
  } catch {
    return Deno.env.has("CI"); // there, what is missing is a failure
  }
}
