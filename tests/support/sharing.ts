/** Common parts of the tests of sharing. */
import { addAccount, type InProcess, type InProcessOptions } from "./in_process.ts";
import { holds, is, login } from "./native.ts";
import type { RawClient } from "./raw_client.ts";

/** Three accounts (rwcd), logged in. */
export interface Guests {
  server: InProcess;
  alice: RawClient;
  bob: RawClient;
  carol: RawClient;
}

/** A test with alice, bob and carol logged in. */
export function among(
  name: string,
  run: (guests: Guests) => Promise<void>,
  options: InProcessOptions = {},
): void {
  holds(name, async ({ server, alice }) => {
    for (const guest of ["bob", "carol"]) await addAccount(server.vault, guest);
    using bob = await login(server, "bob");
    using carol = await login(server, "carol");
    await run({ server, alice, bob, carol });
  }, options);
}

/** Shares, by default with bob to read. */
export async function share(
  owner: RawClient,
  filename: string,
  permissions = "r",
  username = "bob",
): Promise<void> {
  is(await owner.ask("SHAR", { filename, username, permissions }), "OK", 200);
}

/** Stores files whose content is their name, and makes their directories. */
export async function put(owner: RawClient, ...names: string[]): Promise<void> {
  for (const name of names) is(await owner.upload(name, name, { make_dirs: true }), "OK", 226);
}

/** The list that `SHWM` or `SHBY` answers. */
export async function shares(client: RawClient, command: "SHWM" | "SHBY") {
  return is(await client.ask(command), "OK", 200).shares as Record<string, unknown>[];
}

/** As {@linkcode among}, for tests about files on the disk. */
export const amongOnDisk: typeof among = (name, run, options) =>
  among(name, run, { ...options, disk: true });
