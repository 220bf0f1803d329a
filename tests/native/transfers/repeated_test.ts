/** An upload that is sent again with its `key`, as its last reply was lost, is stored once. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { addAccount, openInProcess } from "../../support/in_process.ts";
import { holds, is, login, namesIn } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";

const content = "content";
const hash = sha256(content);
const whole = { file_size: 7, file_hash: hash };

holds("sent again with its key: one file, whatever if_exists says", async ({ server, alice }) => {
  using again = await login(server);
  for (const if_exists of ["version", "fail", "overwrite", "skip"]) {
    for (const pipelined of [true, false]) {
      const data = { filename: `${if_exists}-${pipelined}.txt`, if_exists, ...whole, key: "k" };
      await alice.send("UPLOAD", data, 1);
      is(await alice.reply(), "OK", 150, 1);
      await alice.data(content);
      is(await alice.reply(), "OK", 226, 1);
      await again.send("UPLOAD", { ...data, pipelined }, 2);
      if (pipelined) {
        await again.data(content);
        await again.send("END", {});
      }
      const reply = is(await again.reply(), "OK", 200, 2);
      const expected = { ready: false, skipped: true, repeated: true, size: 7, hash };
      assertEquals(reply, { ...expected, filename: `/${data.filename}` });
    }
  }
  assertEquals((await namesIn(alice)).length, 8);
});

holds(
  "both under way at once: the second to end gets the result of the first",
  async ({ server, alice }) => {
    const late = await login(server);
    const data = { filename: "a.txt", key: "k" };
    await late.send("UPLOAD", data, 1);
    is(await late.reply(), "OK", 150, 1);
    await late.data(content); // its END comes after the other upload is stored
    await alice.send("UPLOAD", { ...data, pipelined: true }, 2);
    await alice.data(content);
    await alice.send("END", { file_hash: hash });
    is(await alice.reply(), "OK", 226, 2);
    await late.send("END", { file_hash: hash });
    const { filename, version } = is(await late.reply(), "OK", 226, 1);
    assertEquals([filename, version], ["/a.txt", 1]);
    assertEquals(await namesIn(alice), ["a.txt"]);
    assertEquals(is(await alice.ask("PARTS"), "OK").parts, []);
    late.close();
  },
);

Deno.test("sent again to another worker, or after a restart: one file still", async () => {
  await using first = await openInProcess({ durability: "relaxed" });
  const data = (name: string, if_exists: string) => ({
    filename: name,
    if_exists,
    ...whole,
    key: "k",
  });
  const kinds = ["version", "fail", "overwrite", "skip"];
  {
    using alice = await login(first);
    assertEquals((await alice.upload("/version", "other content")).status, "OK"); // then it is a _v2
    for (const kind of kinds) {
      await alice.send("UPLOAD", data(`/${kind}`, kind));
      is(await alice.reply(), "OK", 150);
      await alice.data(content);
      is(await alice.reply(), "OK", 226);
    }
    await alice.ask("MFMT", { filename: "/fail", mtime: 1000 });
  }
  await using second = await openInProcess({ data: first.data, durability: "relaxed" });
  using again = await login(second);
  for (const kind of kinds) {
    const filename = kind === "version" ? "/version_v2" : `/${kind}`;
    const { repeated, ...reply } = is(
      await again.ask("UPLOAD", data(`/${kind}`, kind)),
      "OK",
      200,
    );
    assertEquals(repeated, true);
    assertStrictEquals(reply.filename, filename);
  }
  // A file renamed, removed or replaced since is no answer.
  await again.ask("DELE", { filename: "/fail" });
  is(await again.ask("UPLOAD", data("/fail", "fail")), "OK", 150);
});

holds("another key, name, content or account is another upload", async ({ server, alice }) => {
  const send = async (client: typeof alice, data: Record<string, unknown>, text = content) => {
    const announced = { file_size: text.length, file_hash: sha256(text), pipelined: true };
    await client.send("UPLOAD", { filename: "a", key: "k", ...announced, ...data }, 1);
    await client.data(text);
    await client.send("END", {});
    return String(is(await client.reply(), "OK", undefined, 1).filename);
  };
  assertEquals(await send(alice, {}), "/a");
  assertEquals(await send(alice, { key: "l" }), "/a_v2");
  assertEquals(await send(alice, {}, "other"), "/a_v3");
  assertEquals(await send(alice, { filename: "b" }), "/b");
  assertEquals(await send(alice, { key: undefined }), "/a_v4");
  await addAccount(server.vault, "bob", "rwcd");
  using bob = await login(server, "bob");
  assertEquals(await send(bob, {}), "/a");
  for (const key of ["", "x".repeat(65), 7]) {
    await alice.send("UPLOAD", { filename: "c", key }, 2);
    is(await alice.reply(), "BAD_REQUEST", 501, 2);
  }
});
