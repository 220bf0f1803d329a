/** PROTOCOL "Sharing": what guests upload counts to the owner, who sees it and can drop it. */
import { assertEquals, assertThrows } from "@std/assert";
import { is, partOnDisk, until } from "../../support/native.ts";
import { among, share } from "../../support/sharing.ts";

among("the owner lists and drops what a guest has begun in his tree", async (guests) => {
  const { server, alice, bob, carol } = guests;
  is(await alice.ask("MKD", { path: "in" }), "OK");
  await share(alice, "in", "w");
  const asked = { filename: "/shared/alice/in/x", file_size: 100 };
  const { temp_id } = is(await bob.ask("UPLOAD", asked), "OK", 150);
  await bob.data("ten bytes.");
  await until("the bytes came", async () => {
    const [part] = is(await alice.ask("PARTS"), "OK").parts as Record<string, unknown>[];
    return part?.offset === 10;
  });
  const [part] = is(await alice.ask("PARTS"), "OK").parts as Record<string, unknown>[];
  const { filename, account, guest, active, file_size } = part!;
  assertEquals(
    { filename, account, guest, active, file_size },
    { filename: "/in/x", account: "bob", guest: true, active: true, file_size: 100 },
  );
  is(await alice.ask("RESUME", { temp_id }), "TRANSFER_NOT_FOUND");
  is(await carol.ask("ABOR", { temp_id, discard: true }), "TRANSFER_NOT_FOUND");
  is(await alice.ask("ABOR", { temp_id, discard: true }), "OK", 226);
  is(await bob.reply(), "ABORTED");
  assertEquals(is(await bob.ask("PARTS"), "OK").parts, []);
  assertThrows(() => Deno.statSync(partOnDisk(server, temp_id)), Deno.errors.NotFound);
  assertEquals(await server.catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
});

among(
  "a guest's cut upload holds its received part, and nothing once its share ended",
  async (guests) => {
    const { server, alice, bob } = guests;
    const reserved = async () => (await server.catalog.usage("alice")).reservedBytes;
    is(await alice.ask("MKD", { path: "in" }), "OK");
    await share(alice, "in", "w");
    for (const filename of ["/shared/alice/in/x", "/shared/alice/in/y"]) {
      is(await bob.ask("UPLOAD", { filename, file_size: 100 }), "OK", 150);
      await bob.data("ten bytes.");
      is(await bob.ask("ABOR"), "ABORTED");
      is(await bob.reply(), "OK");
    }
    assertEquals(await reserved(), 20);
    await share(alice, "in", "r");
    assertEquals(await reserved(), 0);
    await share(alice, "in", "w");
    is(await bob.ask("RESUME", { filename: "/shared/alice/in/x", file_size: 100 }), "OK", 150);
    assertEquals(await reserved(), 100);
    is(await alice.ask("RMD", { path: "in", recursive: true }), "OK");
    is(await bob.reply(), "PERMISSION_DENIED");
    assertEquals(await reserved(), 0);
  },
);

among("the removal of a guest leaves nothing of its uploads in others' trees", async (guests) => {
  const { server, alice, bob } = guests;
  is(await alice.ask("MKD", { path: "in" }), "OK");
  await share(alice, "in", "w");
  const asked = { filename: "/shared/alice/in/x", file_size: 100 };
  const { temp_id } = is(await bob.ask("UPLOAD", asked), "OK", 150);
  await bob.data("ten bytes.");
  is(await bob.ask("ABOR"), "ABORTED");
  is(await bob.reply(), "OK");
  await server.catalog.setLetters("alice", "rwcdt");
  is(await alice.ask("DELU", { username: "bob" }), "OK");
  assertThrows(() => Deno.statSync(partOnDisk(server, temp_id)), Deno.errors.NotFound);
  assertEquals(await server.catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
});
