// Root works with `admin` on the data directory of a service user, on the real server.
import { join } from "@std/path";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { assertErrorWhere } from "../support/errors.ts";
import { is, until } from "../support/native.ts";
import {
  CAN_SWITCH,
  OtherUser,
  ownedByOthers,
  UNPRIVILEGED,
} from "../support/machine/other_user.ts";
import { RawClient } from "../support/raw_client.ts";
import { runServer, startServer } from "../support/server.ts";

Deno.test("what admin makes as root belongs to the directory's owner", {
  ignore: !CAN_SWITCH,
}, async () => {
  using user = new OtherUser();
  const data = join(user.home, "data");
  await using server = await startServer({ data, user });
  const asRoot = async (...args: string[]) => {
    const ended = await user.admin([...args, "--data", data], "root");
    assertEquals(ended.code, 0, ended.stderr);
    return ended.stdout;
  };
  // While it runs, and while nothing is open: then SQLite's log and audit.log are made again.
  await asRoot("user", "add", "bob");
  assertEquals(ownedByOthers(data), []);
  assertEquals(await server.stop(), 0);
  Deno.removeSync(join(data, "logs"), { recursive: true });
  const password = /shown only now: (\S+)/.exec(await asRoot("user", "add", "carol"))![1]!;
  await asRoot("user", "remove", "bob");
  const inbox = join(user.home, "inbox");
  Deno.mkdirSync(inbox);
  Deno.chownSync(inbox, UNPRIVILEGED, UNPRIVILEGED);
  await asRoot("mount", "add", "in", inbox, "--permissions", "rwcd");
  assertEquals([...ownedByOthers(data), ...ownedByOthers(inbox)], []);
  await server.start();
  using client = await RawClient.login(server, "carol", password);
  is(await client.upload("f", "content"), "OK", 226);
  is(await client.upload("in/f", "content"), "OK", 226);
});

Deno.test("a start that another user's file stops names the file, why, and what to do", {
  ignore: !CAN_SWITCH,
}, async () => {
  using user = new OtherUser();
  const data = join(user.home, "data");
  {
    await using server = await startServer({ data, user });
    assertEquals(await server.stop(), 0);
  }
  for (const name of ["lock", "catalog.db"]) {
    Deno.chownSync(join(data, name), 0, 0);
    assertErrorWhere(
      await assertRejects(async () => {
        await using _server = await startServer({ data, user });
      }),
      ({ message }: Error) => {
        assertMatch(message, new RegExp(`data/${name}: Permission denied: .*chown`));
        return true;
      },
    );
    Deno.chownSync(join(data, name), UNPRIVILEGED, UNPRIVILEGED);
  }
});

Deno.test("a server that root starts on a service user's directory leaves nothing there", {
  ignore: !CAN_SWITCH,
}, async () => {
  using user = new OtherUser();
  const data = join(user.home, "data");
  {
    await using server = await startServer({ data, user });
    assertEquals(await server.stop(), 0);
  }
  const refused = await runServer(["--data", data, "--port", "0"]);
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /belongs to user 65534, and this is user 0: start the server as/);
  assertEquals(ownedByOthers(data), []);
});

Deno.test("what root owns keeps verify, start and admin from nothing else, and is named", {
  ignore: !CAN_SWITCH,
}, async (t) => {
  using user = new OtherUser();
  const data = join(user.home, "data");
  {
    await using server = await startServer({ data, user });
    using client = await RawClient.login(server, "admin", server.password);
    is(await client.upload("f", "content"), "OK", 226);
    assertEquals(await server.stop(), 0);
  }
  /** Takes a place from its owner while something is done. */
  const closed = async (place: string, work: () => Promise<void>) => {
    const path = join(data, place);
    const { mode } = Deno.statSync(path);
    Deno.chownSync(path, 0, 0);
    Deno.chmodSync(path, mode! & 0o700);
    await work();
    Deno.chownSync(path, UNPRIVILEGED, UNPRIVILEGED);
  };
  const admin = (...args: string[]) => user.admin([...args, "--data", data]);

  for (const place of ["users", "users/a", "users/a/admin/files"]) {
    await t.step(`verify goes on past ${place}`, async () => {
      await closed(place, async () => {
        const { code, stdout, stderr } = await admin("verify");
        assertEquals(code, 6, stderr);
        assertMatch(
          stdout,
          /unreadable: admin \/: \S+\/users\/a\/admin\/files: Permission denied: /,
        );
        assertMatch(stdout, /^wrong owner: .*chown/m);
        assertMatch(stdout, /^Files: 0, .*unreadable: /m);
      });
    });
  }

  await t.step("a start names files that it cannot look at", async () => {
    await closed("users/a/admin/files", async () => {
      await using server = await startServer({ data, user });
      await until(
        "the start names the file",
        () =>
          Promise.resolve(
            /account admin: \S+files\/f: Permission denied: .*chown/.test(server.stderr),
          ),
      );
      using client = await RawClient.login(server, "admin", server.password);
      is(await client.ask("LIST", { path: "/f" }), "ERROR");
      await until(
        "the log says why and what to do",
        () =>
          Promise.resolve(
            /Request failed: \S+files\/f: Permission denied: .*chown/.test(server.stderr),
          ),
      );
    });
  });

  await t.step("an audit log that cannot be written loses no outcome", async () => {
    await closed("logs", async () => {
      const { code, stdout, stderr } = await admin("user", "add", "bob");
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /shown only now: \S+/);
      assertMatch(
        stderr,
        /The audit log could not be written: \S+audit\.log: Permission denied: /,
      );
    });
  });
});
