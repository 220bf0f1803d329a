/** Listings whose client has left: the server makes them no further. */
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { StoreError } from "../../storage/contract/error.ts";
import type { View } from "../../storage/vault.ts";
import { type InProcess, openInProcess } from "../support/in_process.ts";
import { is, login } from "../support/native.ts";

const DIRECTORIES = ["a", "b", "c"];

/** Makes reads of directories wait. */
function holdDirectories({ engine: { tree } }: InProcess) {
  const reached = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const held = { reached: reached.promise, goOn: going.resolve, reads: 0 };
  const { names } = tree;
  tree.names = async (...query) => {
    held.reads++;
    reached.resolve();
    await going.promise;
    return await names.apply(tree, query);
  };
  return held;
}

/** Session as `alice` with some directories. */
async function enter(server: InProcess): Promise<View> {
  const session = { account: "alice", generation: 1, door: "web", address: "::1" } as const;
  const view = server.vault.enter({ ...session, sessionId: "1" });
  for (const name of DIRECTORIES) await view.tree.makeDirectory(`/${name}`);
  return view;
}

Deno.test("listings end with a client that has left", async () => {
  await using server = await openInProcess({ durability: "relaxed" });
  const view = await enter(server);
  const held = holdDirectories(server);
  const listing = view.tree.list("/", { recursive: true });
  await held.reached;
  view.abandon();
  held.goOn();
  await assertRejects(() => listing, StoreError, "left");
  assertStrictEquals(held.reads, 1);
});

Deno.test("listings do not end with a session that is over, as when a browser signs out", async () => {
  await using server = await openInProcess({ durability: "relaxed" });
  const view = await enter(server);
  const held = holdDirectories(server);
  const listing = view.tree.list("/", { recursive: true });
  await held.reached;
  view.leave();
  held.goOn();
  assertEquals((await listing).entries.map(({ name }) => name), DIRECTORIES);
});

Deno.test("a client that only ends its side of the connection gets its listing", async () => {
  await using server = await openInProcess({ durability: "relaxed" });
  await enter(server);
  const client = await login(server);
  const held = holdDirectories(server);
  await client.send("LIST", { path: "/", recursive: true });
  await held.reached;
  await client.connection.closeWrite();
  held.goOn();
  is(await client.reply(), "OK");
  client.connection.close();
});
