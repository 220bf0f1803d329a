/**
 * Makes the npm package of the project: `deno task pack [DIRECTORY]`. Its package.json is in the
 * package only, as one in the project would change how Deno finds packages there.
 */
import { join, resolve } from "@std/path";
import { Buffer } from "node:buffer";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import project from "../deno.json" with { type: "json" };
import { manPages } from "../docs/man/pages.ts";
import { packageJson, projectConfig } from "./manifest.ts";

const ROOT = new URL("../", import.meta.url).pathname;
/** Files that the programs need; folders with all their content. */
const CONTENT = [
  ...[
    "LICENSE",
    "README.md",
    "deno.lock",
    "import_map.json",
    "admin.ts",
    "client.ts",
    "main.ts",
    "towpath.ts",
  ],
  ...["buffers", "client", "common", "protocol", "server", "std", "storage"],
];

const target = resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), Deno.args[0] ?? ".");
const archive = pack();
try {
  const pages = manPages();
  const files = [...CONTENT, "bin", "man", "deno.json"];
  add("package.json", json(packageJson(project, files, [...pages.keys()])));
  add("deno.json", json(projectConfig(project)));
  for (const [name, text] of pages) add(`man/${name}`, text);
  add("bin/towpath.mjs", Deno.readFileSync(join(ROOT, "package/towpath.mjs")), 0o755);
  for (const name of CONTENT) addAll(name);
  archive.finalize();
  const file = join(target, `towpath-${project.version}.tgz`);
  Deno.writeFileSync(file, gzipSync(await buffer(archive)));
  console.log(file);
} catch (error) {
  console.error(`towpath: Cannot pack: ${error instanceof Error ? error.message : error}`);
  Deno.exitCode = 1;
}

/** Adds a file. npm looks for all of them below `package/`. */
function add(name: string, content: string | Uint8Array, mode = 0o644): void {
  const bytes = typeof content === "string" ? content : Buffer.from(content);
  archive.entry({ name: `package/${name}`, mode }, bytes);
}

/** Adds a file, or a folder with all its content, of the project. */
function addAll(name: string): void {
  const path = join(ROOT, name);
  if (!Deno.statSync(path).isDirectory) return add(name, Deno.readFileSync(path));
  for (const entry of Deno.readDirSync(path)) addAll(`${name}/${entry.name}`);
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2) + "\n";
}
