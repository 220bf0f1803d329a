/**
 * All programs as one: `towpath serve`, `towpath admin`, `towpath client`, and the client's commands
 * directly, as `towpath upload`. The client's own `admin` is `towpath client admin`.
 */
import { beginTls } from "./client/cli/begin_tls.ts";

const [word, ...rest] = Deno.args;
// `complete -- serve --po`: the server's words are in its own tables.
const [, completed, ...following] = word === "complete" ? rest : [];
switch (word) {
  case "serve": {
    const { serveProgram } = await import("./server/cli/serve_program.ts");
    await serveProgram(rest);
    break;
  }
  case "admin": {
    const { adminProgram } = await import("./server/cli/admin_program.ts");
    await adminProgram(rest);
    break;
  }
  default: {
    if ((completed === "serve" || completed === "admin") && following.length > 0) {
      const { serverCandidates } = await import("./server/cli/complete.ts");
      console.log(serverCandidates(completed, following).join("\n"));
      break;
    }
    beginTls(Deno.args);
    const { main } = await import("./client/cli/cli.ts");
    const inClient = completed === "client" && following.length > 0;
    const args = inClient ? ["complete", "--", ...following] : Deno.args;
    Deno.exit(await main(word === "client" ? rest : args));
  }
}
