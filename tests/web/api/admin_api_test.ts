// Administration by the HTTP API: accounts, limits, bans, uploads, sessions, logs, state.
import { assert, assertEquals } from "@std/assert";
import { ROUTES } from "../../../server/web/api/table.ts";
import { addAccount } from "../../support/in_process.ts";
import { holdsWeb, type WebBench } from "../../support/web.ts";
import { WebProgram } from "../../support/web_program.ts";

async function administrator(bench: WebBench): Promise<WebProgram> {
  await addAccount(bench.server.vault, "root", "rwcdt");
  return await WebProgram.login(bench, "root");
}

holdsWeb("every row of administration needs the permission t", async (bench) => {
  const alice = await WebProgram.login(bench);
  const rows = ROUTES.filter(({ letters }) => letters === "t");
  assert(rows.length >= 16);
  const bodies: Record<string, unknown> = {
    addUser: { account: "bob", password: "correct horse" },
    changeUser: { letters: "r" },
    verifyUser: { account: "alice" },
    expireUploads: {},
    ban: { network: "192.0.2.1" },
  };
  for (const { name, method, at } of rows) {
    assert(at.startsWith("/admin/"), name);
    const { status } = await alice.ask(at.replace("{path}", "192.0.2.1"), {
      method: method.toUpperCase(),
      ...(bodies[name] === undefined ? {} : { json: bodies[name] }),
    });
    assertEquals(status, 403, name);
  }
});

holdsWeb("accounts are made, changed, limited and removed", async (bench) => {
  const root = await administrator(bench);
  const account = { account: "bob", password: "correct horse", quotaBytes: 5_000 };
  assertEquals((await root.ask("/admin/users", { method: "POST", json: account })).status, 201);
  assertEquals((await root.ask("/admin/users", { method: "POST", json: account })).status, 409);
  const bob = await WebProgram.login(bench, "bob");
  const put = (json: unknown) => root.ask("/admin/users/bob", { method: "PUT", json });
  const changed = await put({
    letters: "r",
    quotaBytes: null,
    rate: 1000,
    rate_up: "none",
    allow_ip: ["127.0.0.1", "2001:db8::/32"],
  });
  assertEquals(changed.status, 200);
  assertEquals([changed.json.letters, changed.json.quotaBytes], ["r", null]);
  const limits = { rate: 1000, rate_up: null, allow_ip: ["127.0.0.1", "2001:db8::/32"] };
  assertEquals(changed.json.limits, limits);
  assertEquals((await put({ letters: "rw", allow_ip: ["nowhere"] })).status, 400);
  assertEquals((await root.ask("/admin/users/bob")).json.letters, "r");
  assertEquals((await put({ allow_ip: "default", rate: "default" })).json.limits, {
    rate_up: null,
  });
  assertEquals((await bob.ask("/account")).json.letters, "r");
  assertEquals((await put({ password: "battery staple" })).status, 200);
  assertEquals((await bob.ask("/account")).status, 401);
  const { users } = (await root.ask("/admin/users")).json;
  assertEquals(users.map((user: { account: string }) => user.account), ["alice", "bob", "root"]);
  const remove = () => root.ask("/admin/users/bob?files=delete", { method: "DELETE" });
  assertEquals((await remove()).status, 204);
  assertEquals((await remove()).status, 404);
});

holdsWeb("bans, sessions, uploads, verification, logs and state", async (bench) => {
  const root = await administrator(bench);
  const network = "203.0.113.0/24";
  const ban = { network, reason: "guessing", forMs: 1000 };
  assertEquals(
    (await root.ask("/admin/bans", { method: "POST", json: ban })).json.network,
    network,
  );
  assertEquals((await root.ask("/admin/bans")).json.bans[0].reason, "guessing");
  const lift = () => root.ask(`/admin/bans/${network}`, { method: "DELETE" });
  assertEquals([(await lift()).status, (await lift()).status], [204, 404]);

  const alice = await WebProgram.login(bench);
  assertEquals((await alice.ask("/files/a", { method: "PUT", body: "content" })).status, 201);
  const verified = await root.ask("/admin/verify", { method: "POST", json: { account: "alice" } });
  assertEquals([verified.json.files, verified.json.damagedFiles], [1, 0]);
  const none = { method: "POST", json: { account: "none" } };
  assertEquals((await root.ask("/admin/verify", none)).status, 404);

  assertEquals((await root.ask("/admin/uploads")).json, { uploads: [], setAside: [] });
  assertEquals((await root.ask("/admin/uploads/none", { method: "DELETE" })).status, 404);
  const expire = { method: "POST", json: { ttlMs: 1000 } };
  assertEquals((await root.ask("/admin/expire", expire)).json, { removed: [] });

  const { sessions } = (await root.ask("/admin/sessions")).json;
  const page = sessions.find((one: { account: string }) => one.account === "alice");
  const end = () => root.ask(`/admin/sessions/${page.id}`, { method: "DELETE" });
  assertEquals([(await end()).status, (await end()).status], [204, 404]);
  assertEquals((await root.ask("/admin/logs?name=audit&lines=5")).status, 200);
  assertEquals((await root.ask("/admin/logs?name=other")).status, 400);
  const status = await root.ask("/admin/status");
  assertEquals([status.json.accounts, status.json.parts], [2, 0]);
  assertEquals(status.json.version, bench.server.doorOptions.serverInfo.version);
});
