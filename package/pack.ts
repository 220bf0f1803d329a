/**
 * Makes the npm package of the project: `deno task pack [DIRECTORY]`. It is packed in a directory of
 * its own, as a package.json in the project would change how Deno finds packages there.
 */
import { dirname, join, resolve } from "@std/path";
import project from "../deno.json" with { type: "json" };
import { manPages } from "../docs/man/pages.ts";
import { packageJson, projectConfig } from "./manifest.ts";

const ROOT = new URL("../", import.meta.url).pathname;
/** Files that the programs need; folders with all their content. */
const CONTENT = [
  ...["LICENSE", "README.md", "deno.lock", "admin.ts", "client.ts", "main.ts", "towpath.ts"],
  ...["buffers", "client", "common", "protocol", "server", "std", "storage"],
];

const target = resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), Deno.args[0] ?? ".");
const staged = Deno.makeTempDirSync({ prefix: "towpath-pack-" });
try {
  for (const name of CONTENT) copy(join(ROOT, name), join(staged, name));
  copy(join(ROOT, "package/towpath.mjs"), join(staged, "bin/towpath.mjs"));
  writeJson("deno.json", projectConfig(project));
  Deno.mkdirSync(join(staged, "man"));
  const pages = manPages();
  for (const [name, text] of pages) Deno.writeTextFileSync(join(staged, "man", name), text);
  const files = [...CONTENT, "bin", "man", "deno.json"];
  writeJson("package.json", packageJson(project, files, [...pages.keys()]));
  console.log(await pack());
} catch (error) {
  console.error(`towpath: Cannot pack: ${error instanceof Error ? error.message : error}`);
  Deno.exitCode = 1;
} finally {
  Deno.removeSync(staged, { recursive: true });
}

/** Runs `npm pack`. @returns the path of the packed file */
async function pack(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("npm", {
    args: ["pack", "--silent", "--pack-destination", target],
    cwd: staged,
  }).output();
  if (!success) throw new Error(`npm pack failed: ${new TextDecoder().decode(stderr).trim()}`);
  return join(target, new TextDecoder().decode(stdout).trim());
}

function writeJson(name: string, value: unknown): void {
  Deno.writeTextFileSync(join(staged, name), JSON.stringify(value, null, 2) + "\n");
}

function copy(from: string, to: string): void {
  Deno.mkdirSync(dirname(to), { recursive: true });
  if (!Deno.statSync(from).isDirectory) return Deno.copyFileSync(from, to);
  for (const { name } of Deno.readDirSync(from)) copy(join(from, name), join(to, name));
}
