/** Clients that leave while their listing is made: the server makes it no further. */
import { assert, assertEquals } from "@std/assert";
import { openFtpDoor } from "../../server/ftp/door.ts";
import { FtpClient } from "../support/ftp_client.ts";
import { addAccount, type InProcess, openInProcess, PASSWORD } from "../support/in_process.ts";
import { is, login, until } from "../support/native.ts";

/** Begins a recursive listing as `alice`. @returns what cuts its connection */
type Begin = (server: InProcess, ftpPort: number) => Promise<() => void>;

const WAYS: Readonly<Record<string, Begin>> = {
  "native LIST": async (server) => {
    const client = await login(server);
    await client.send("LIST", { path: "/", recursive: true });
    return () => client.connection.close();
  },
  "native VERIFY": async (server) => {
    const client = await login(server);
    await client.send("VERIFY", { path: "/" });
    return () => client.connection.close();
  },
  "FTP LIST": async ({ caText }, port) => {
    const client = await FtpClient.login({ port, caText }, "alice", PASSWORD);
    await client.begin("LIST -R /");
    return () => client.close();
  },
};

/** Makes the first read of a directory wait. */
function holdDirectories({ disk: { store } }: InProcess) {
  const reached = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const held = { reached: reached.promise, goOn: going.resolve, reads: 0 };
  const { children } = store;
  store.children = async (account, path) => {
    if (account === "alice") {
      held.reads++;
      reached.resolve();
      await going.promise;
    }
    return await children.call(store, account, path);
  };
  return held;
}

Deno.test("a listing ends with its client", async (t) => {
  await using server = await openInProcess({ durability: "relaxed" });
  const ftp = await openFtpDoor({ ...server.doorOptions, port: 0 }, {
    implicitTls: false,
    allowPlain: false,
    overwrite: "replace",
    passivePorts: null,
    publicAddress: null,
  });
  await using _door = { [Symbol.asyncDispose]: () => ftp.close(0) };
  await addAccount(server.vault, "root", "rwcdt");
  using root = await login(server, "root");
  {
    using alice = await login(server);
    for (const client of [alice, root]) {
      for (let at = 0; at < 20; at++) is(await client.ask("MKD", { path: `d${at}` }), "OK");
    }
  }
  const isThere = async () => {
    const { sessions } = is(await root.ask("WHO"), "OK");
    return (sessions as { username: string }[]).some(({ username }) => username === "alice");
  };
  const { children } = server.disk.store;
  for (const [way, begin] of Object.entries(WAYS)) {
    await t.step(way, async () => {
      await until("others have gone", async () => !await isThere());
      const held = holdDirectories(server);
      const cut = await begin(server, ftp.port);
      await held.reached;
      assert(await isThere());
      cut();
      await until("the server has seen it", async () => !await isThere());
      held.goOn();
      // By then the other one would have read a second directory.
      is(await root.ask("LIST", { path: "/", recursive: true }), "OK");
      assertEquals(held.reads, 1);
      server.disk.store.children = children;
    });
  }
});
