/** Commands and options that connect to no server. */
const OFFLINE = new Set(["--help", "-h", "--version", "complete", "completion", "help"]);

/**
 * Lets another thread initialise the TLS library while the command's modules are loaded. The
 * library does so at its first use in a process, for 24 ms, and a connection that is opened first
 * would wait for it. Deno has no call for that alone: generating a key, which is dropped, is its
 * cheapest use off the main thread.
 *
 * @param args the command line; help and completion need no connection
 */
export function beginTls(args: readonly string[]): void {
  if (args.length === 0 || args.some((arg) => OFFLINE.has(arg))) return;
  crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"])
    .catch(() => {}); // a connection reports what is wrong
}
