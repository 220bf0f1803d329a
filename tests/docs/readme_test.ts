// Runs the examples of README for FTP and HTTP as they are written, for a new account.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { isInstalled } from "../support/docs/blocks.ts";
import { Place } from "../support/docs/place.ts";
import { ROOT } from "../support/import_graph.ts";

const HEADING = "**In the browser, and with any FTP client.**";

/** The commands under the heading; a backslash continues a line. */
function commands(): string[] {
  const readme = Deno.readTextFileSync(join(ROOT, "README.md"));
  const [, block] = new RegExp(`${RegExp.escape(HEADING)}\n\n((?: {4}.*\n)+)`).exec(readme) ?? [];
  assert(block !== undefined, `README has commands under ${HEADING}`);
  return block.replace(/\\\n/g, " ").trim().split("\n").map((line) => line.trim());
}

Deno.test("the FTP example of README works for a new account", {
  ignore: Deno.build.os !== "linux" || !isInstalled("curl"),
}, async () => {
  const [serve, ...rest] = commands();
  assert(serve !== undefined && serve.startsWith("npx -y deno@2.9.6 task serve"), serve);
  assertEquals(rest.map((line) => line.split(" ")[0]), ["curl", "curl"]);
  await using place = new Place({ copy: false });
  await place.serve(serve.replace("npx -y deno@2.9.6", "deno"));
  place.write("report.pdf", "content");
  await place.run("echo 'correct horse' | deno task admin user add alice --password-stdin");
  const [upload, download] = rest.map((line) =>
    // A terminal would ask for the password.
    line.replace("-u alice", "--fail --silent --show-error -u 'alice:correct horse'")
  );
  await place.run(upload!);
  await place.run("mv report.pdf sent.pdf");
  await place.run(download!);
  await place.run("cmp report.pdf sent.pdf");
});
