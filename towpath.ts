/**
 * All programs as one: `towpath serve`, `towpath admin`, `towpath client`, and the client's commands
 * directly, as `towpath upload`. The client's own `admin` is `towpath client admin`.
 */
const [word, ...rest] = Deno.args;
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
    const { main } = await import("./client/cli/cli.ts");
    Deno.exit(await main(word === "client" ? rest : Deno.args));
  }
}
