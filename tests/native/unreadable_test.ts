/** Who may write a file and not read it learns nothing of its content, by no command. */
import { assertEquals } from "@std/assert";
import { addAccount } from "../support/in_process.ts";
import { is, login } from "../support/native.ts";
import { type RawClient, sha256 } from "../support/raw_client.ts";
import { among, put, share } from "../support/sharing.ts";

/** Appends, which would be answered with the checksum of the whole. */
async function assertNoAppend(client: RawClient, filename: string): Promise<void> {
  const refused = await client.ask("APPE", { filename });
  is(refused, "PERMISSION_DENIED");
  assertEquals(refused.data.offset, undefined);
  is(await client.ask("APPE", { filename, file_size: 1 }), "PERMISSION_DENIED");
  is(await client.ask("RESUME", { filename, file_size: 7 }), "TRANSFER_NOT_FOUND");
}

among("what may not be read is not appended to", async ({ server, alice, bob }) => {
  await put(alice, "drop/secret", "secret");
  await share(alice, "drop", "w");
  await assertNoAppend(bob, "/shared/alice/drop/secret");
  // A name that is free has no content.
  is(await bob.ask("APPE", { filename: "/shared/alice/drop/new" }), "OK", 150);
  await bob.data("mine");
  await bob.send("END");
  is(await bob.reply(), "OK", 226);
  await share(alice, "drop", "rw");
  is(await bob.ask("APPE", { filename: "/shared/alice/drop/secret" }), "OK", 150);
  is(await bob.ask("ABOR", { discard: true }), "ABORTED");
  is(await bob.reply(), "OK", 226);
  // A token that only writes, and an account.
  const { token } = is(await alice.ask("TOKEN", { permissions: "w" }), "OK");
  using writer = await login(server, "bob");
  is(await writer.ask("AUTH", { token }), "AUTH_SUCCESS");
  await assertNoAppend(writer, "secret");
  await server.catalog.setLetters("alice", "wcd");
  await assertNoAppend(alice, "secret");
  await addAccount(server.vault, "dora", "w");
  using dora = await login(server, "dora");
  is(await dora.upload("own", "own"), "OK", 226);
  await assertNoAppend(dora, "own");
});

among("a rename does not make readable what is shared without r", async ({ alice, bob }) => {
  await put(alice, "drop/secret", "drop/in/secret", "box/a", "drop2/b");
  await share(alice, "drop", "wd");
  await share(alice, "drop2", "wd");
  await share(alice, "box", "rwcd");
  const at = (path: string) => `/shared/alice/${path}`;
  for (const name of ["secret", "in"]) {
    const from = at(`drop/${name}`);
    for (const to of [at("box/got"), at("box/a")]) {
      is(await bob.ask("RENAME", { from, to, overwrite: true }), "PERMISSION_DENIED");
    }
    is(await bob.ask("RNFR", { filename: from }), "OK", 350);
    is(await bob.ask("RNTO", { filename: at("box/got") }), "PERMISSION_DENIED");
  }
  assertEquals((await alice.download("box/a")).head.data.file_hash, sha256("box/a"));
  // What may be read before, or may not be read after, is moved as ever.
  is(await bob.ask("RENAME", { from: at("drop/secret"), to: at("drop2/secret") }), "OK");
  is(await bob.ask("RENAME", { from: at("box/a"), to: at("drop/a") }), "OK");
  await share(alice, "drop", "rwd");
  is(await bob.ask("RENAME", { from: at("drop/in"), to: at("box/in") }), "OK");
  is(await alice.ask("RENAME", { from: "drop2/secret", to: "box/secret" }), "OK");
});
