// Runs the marked commands of docs/trust.md in their order, against a real server.
import { runPage } from "../support/docs/run_page.ts";

Deno.test("the commands of docs/trust.md work as written", {
  ignore: Deno.build.os !== "linux",
}, () => runPage("docs/trust.md", { copy: false }));
