/**
 * Compiles all programs into one executable: `deno task compile [TARGET] [FILE]`, such as
 * `aarch64-apple-darwin`. The target is this machine where none is given.
 */
import { resolve } from "@std/path";
import project from "../deno.json" with { type: "json" };
import { permissionFlags } from "./permission_flags.ts";
import { TARGETS } from "./targets.ts";

const WORKERS = ["worker", "worker_native", "worker_ftp", "worker_web"];

const [target = Deno.build.target, file = `towpath-${target}`] = Deno.args;
if (!TARGETS.includes(target)) {
  console.error(`towpath: There is no target "${target}": it is one of ${TARGETS.join(", ")}`);
  Deno.exit(2);
}
const output = resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), file);
const { success, stderr } = await new Deno.Command(Deno.execPath(), {
  args: [
    ...["compile", "--quiet", "--lock=deno.lock", "--frozen", "--exclude-unused-npm"],
    ...permissionFlags(project.permissions.towpath),
    // As in the task `serve`: it keeps the memory of a server small.
    ...project.tasks.serve.command.split(" ").filter((word) => word.startsWith("--v8-flags=")),
    // Workers are started by their addresses, which are not followed.
    ...WORKERS.flatMap((name) => ["--include", `server/process/${name}.ts`]),
    ...["--target", target, "--output", output],
    "towpath.ts",
  ],
  cwd: new URL("../", import.meta.url),
}).output();
if (success) console.log(output);
else {
  console.error(
    `towpath: Cannot compile for ${target}: ${reason(new TextDecoder().decode(stderr))}`,
  );
  Deno.exitCode = 1;
}

/** One sentence from what Deno printed. */
function reason(printed: string): string {
  // deno-lint-ignore no-control-regex
  const lines = printed.replaceAll(/\x1b\[[0-9;]*m/g, "").split("\n").map((line) => line.trim());
  if (lines.some((line) => /download|lookup address|connect|denort/i.test(line))) {
    return "Deno's base executable, denort, could not be fetched: compile where Deno's download " +
      "server can be reached, name a denort of this version of Deno in DENORT_BIN, or install the " +
      "npm package (deno task pack)";
  }
  return lines.find((line) => line.startsWith("error"))?.replace(/^error: /, "") ??
    "deno compile failed";
}
