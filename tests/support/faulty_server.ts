/**
 * A server for crash tests: a native door over a real vault, which kills its own process (SIGKILL)
 * at the first time it reaches the step named. Users cannot reach this: the fault lives here.
 *
 * Arguments: data directory, step (or "-"). Prints one line of JSON when it listens.
 */
import { openInProcess } from "./in_process.ts";

const [data, step] = Deno.args as [string, string];
const server = await openInProcess({
  data,
  step(name) {
    if (name === step) Deno.kill(Deno.pid, "SIGKILL");
    return Promise.resolve();
  },
});
console.log(JSON.stringify({ port: server.port, caText: server.caText }));
