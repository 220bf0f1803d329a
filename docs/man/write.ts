/** Writes the man pages into a directory: `deno task man [DIRECTORY]`. */
import { join, resolve } from "@std/path";
import { manPages } from "./pages.ts";

const target = resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), Deno.args[0] ?? ".");
try {
  Deno.mkdirSync(target, { recursive: true });
  for (const [name, text] of manPages()) {
    Deno.writeTextFileSync(join(target, name), text);
    console.log(join(target, name));
  }
} catch (error) {
  console.error(
    `towpath: Cannot write the man pages: ${error instanceof Error ? error.message : error}`,
  );
  Deno.exitCode = 1;
}
