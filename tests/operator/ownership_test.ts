// Root works with `admin` on the data directory of a service user, on the real server.
import assert from "node:assert/strict";
import { join } from "node:path";
import { is } from "../support/native.ts";
import { CAN_SWITCH, NOBODY, OtherUser, ownedByOthers } from "../support/other_user.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer } from "../support/server.ts";

Deno.test("what admin makes as root belongs to the directory's owner", {
  ignore: !CAN_SWITCH,
}, async () => {
  using user = new OtherUser();
  const data = join(user.home, "data");
  await using server = await startServer({ data, user });
  const asRoot = async (...args: string[]) => {
    const ended = await user.admin([...args, "--data", data], "root");
    assert.equal(ended.code, 0, ended.stderr);
    return ended.stdout;
  };
  // While it runs, and while nothing is open: then SQLite's log and audit.log are made anew.
  await asRoot("user", "add", "bob");
  assert.deepEqual(ownedByOthers(data), []);
  assert.equal(await server.stop(), 0);
  Deno.removeSync(join(data, "logs"), { recursive: true });
  const password = /shown only now: (\S+)/.exec(await asRoot("user", "add", "carol"))![1]!;
  await asRoot("user", "remove", "bob");
  assert.deepEqual(ownedByOthers(data), []);
  await server.start();
  using client = await RawClient.login(server, "carol", password);
  is(await client.upload("f", "content"), "OK", 226);
});

Deno.test("a start that another user's file stops names the file, why, and what to do", {
  ignore: !CAN_SWITCH,
}, async () => {
  using user = new OtherUser();
  const data = join(user.home, "data");
  {
    await using server = await startServer({ data, user });
    assert.equal(await server.stop(), 0);
  }
  for (const name of ["lock", "catalog.db"]) {
    Deno.chownSync(join(data, name), 0, 0);
    await assert.rejects(async () => {
      await using _server = await startServer({ data, user });
    }, ({ message }: Error) => {
      assert.match(message, new RegExp(`data/${name}: Permission denied: .*chown`));
      return true;
    });
    Deno.chownSync(join(data, name), NOBODY, NOBODY);
  }
});
