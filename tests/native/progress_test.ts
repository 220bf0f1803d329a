/** PROTOCOL, "Slow requests": progress of requests that ask for it. */
import { assert, assertEquals } from "@std/assert";
import { openNativeDoor } from "../../server/native/door.ts";
import { addAccount } from "../support/in_process.ts";
import { holds, is, login, until } from "../support/native.ts";
import { jsonFrame, RawClient } from "../support/raw_client.ts";
import { PASSWORD } from "../support/in_process.ts";

holds("a slow request reports progress if it asks for it, and only then", async ({ server }) => {
  await addAccount(server.vault, "root", "rwcdt");
  let release = Promise.withResolvers<void>();
  const tail = async () => {
    await release.promise;
    return [];
  };
  const door = await openNativeDoor({ ...server.doorOptions, port: 0, logs: { tail } });
  try {
    const { port, caText } = { port: door.port, caText: server.caText };
    using root = await RawClient.login({ port, caText }, "root", PASSWORD);
    const logs = { command: "LOGS", data: { name: "server" } };
    await root.connection.write(jsonFrame({ ...logs, id: 1, progress: 1 }));
    const slow = root.reply();
    await until("it reports", () => root.progress.length >= 2);
    release.resolve();
    is(await slow, "OK", undefined, 1);
    for (const { data, id } of root.progress) {
      assertEquals([id, data.offset], [1, undefined]);
    }

    // The one behind it waits in silence, and so does one that does not ask.
    const before = root.progress.length;
    release = Promise.withResolvers();
    await root.connection.write(jsonFrame({ ...logs, id: 2, progress: 100 }));
    await root.connection.write(jsonFrame({ command: "NOOP", id: 3, progress: 1 }));
    const second = root.reply();
    await until("the first one reports", () => root.progress.length > before);
    assert(root.progress.slice(before).every(({ id }) => id === 2));
    release.resolve();
    is(await second, "OK", undefined, 2);
    is(await root.reply(), "OK", undefined, 3);
    const count = root.progress.length;
    is(await root.ask("LOGS", { name: "server" }), "OK");
    assertEquals(root.progress.length, count);
  } finally {
    release.resolve();
    await door.close(0);
  }
});

holds("an interval that is none is refused", async ({ server }) => {
  using alice = await login(server);
  for (const progress of [0, -1, 1.5, "1", true]) {
    await alice.connection.write(jsonFrame({ command: "NOOP", id: 1, progress }));
    is(await alice.reply(), "BAD_REQUEST", undefined, 1);
  }
  await alice.connection.write(jsonFrame({ command: "NOOP", id: 1, progress: null }));
  is(await alice.reply(), "OK", undefined, 1);
});
