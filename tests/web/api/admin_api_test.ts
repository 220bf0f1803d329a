// Administration by the HTTP API: accounts, limits, bans, uploads, sessions, logs, state.
import { assert, assertEquals } from "@std/assert";
import { type CommandName, REQUESTS } from "../../../protocol/messages.ts";
import { ROWS } from "../../../server/native/table.ts";
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
    limitNetwork: { requests: 5 },
    ban: { network: "192.0.2.1" },
    addGroup: { name: "staff" },
    changeGroup: { letters: "r" },
    addMount: { name: "docs", directory: "/nonexistent" },
  };
  for (const { name, method, at } of rows) {
    assert(at.startsWith("/admin/"), name);
    const query = name === "breakLock" ? "?owner=alice" : "";
    const { status } = await alice.ask(at.replace("{path}", "192.0.2.1") + query, {
      method: method.toUpperCase(),
      ...(bodies[name] === undefined ? {} : { json: bodies[name] }),
    });
    assertEquals(status, 403, name);
  }
});

/** The operations that do what a command of the native protocol does. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  TRANS: ["changeUser"],
  USERS: ["listUsers", "readUser"],
  ADDU: ["addUser"],
  VALID: ["changeUser"],
  GROUPS: ["listGroups"],
  MEMBERS: ["readGroup"],
  ADDG: ["addGroup"],
  DELG: ["removeGroup"],
  PERMG: ["changeGroup"],
  JOIN: ["changeGroup"],
  LEAVE: ["changeGroup"],
  DELU: ["removeUser"],
  QUOTA: ["changeUser"],
  RESETPW: ["changeUser"],
  LIMITS: ["changeUser", "readUser"],
  NETLIMIT: ["limitNetwork"],
  NETLIMITS: ["listNetworks"],
  BAN: ["ban"],
  UNBAN: ["unban"],
  BANS: ["listBans"],
  MOUNT: ["addMount"],
  UNMOUNT: ["removeMount"],
  MOUNTS: ["listMounts"],
  UPLOADS: ["listAllUploads"],
  DROPU: ["dropAnyUpload"],
  EXPIRE: ["expireUploads"],
  VERIFYU: ["verifyUser"],
  STATUS: ["readStatus"],
  WHO: ["listSessions"],
  KICK: ["endSession"],
  LOGS: ["readLog"],
};

/** Names of members in a body of the API, where the protocol has others. */
const MEMBERS: Readonly<Record<string, string>> = {
  username: "account",
  permissions: "letters",
  quota: "quotaBytes",
  expires: "expiresMs",
  bytes: "quotaBytes",
  for_ms: "forMs",
  ttl_ms: "ttlMs",
  forget_missing: "forgetMissing",
  keep_files: "files",
};
/** Members that the address of a request has, or whose place a row of its own takes. */
const IN_ADDRESS = new Set(["cursor", "temp_id", "session_id"]);

Deno.test("every command of administration has operations with all of its members", () => {
  for (const { name: command, letters } of ROWS) {
    if (letters !== "t") continue;
    const names = OPERATIONS[command];
    assert(names !== undefined, `${command} has no operation: add a row under /admin/`);
    const rows = names.map((name) => {
      const row = ROUTES.find((row) => row.name === name);
      assert(row !== undefined && row.letters === "t", `${name} is not in the table`);
      return row;
    });
    const known = new Set(rows.flatMap(({ body, query }) => [
      ...Object.keys(body?.entries ?? {}),
      ...Object.keys(query?.entries ?? {}),
    ]));
    const isInPath = rows.some(({ at }) => at.endsWith("{path}"));
    for (const member of Object.keys(REQUESTS[command as CommandName].entries)) {
      const shown = MEMBERS[member] ?? member;
      const inPath = isInPath && ["account", "network", "name"].includes(shown);
      // The API names accounts that join and leave by lists.
      const isGroup = shown === "group" || ["JOIN", "LEAVE"].includes(command);
      if (isGroup) continue;
      const ok = known.has(shown) || inPath || IN_ADDRESS.has(member);
      assert(ok, `${names} lacks ${shown} of ${command}`);
    }
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

holdsWeb("addresses are limited by their networks", async (bench) => {
  const root = await administrator(bench);
  const put = (at: string, json: unknown) =>
    root.ask(`/admin/networks/${at}`, { method: "PUT", json });
  const made = await put("192.0.2.0/24", { rate_up: 1000, requests: "none", doors: ["tus"] });
  const limits = { rate_up: 1000, requests: null, doors: ["tus"] };
  assertEquals(made.json, { network: "192.0.2.0/24", limits });
  assertEquals((await put("any", { connections: 9 })).json.network, "any");
  assertEquals((await put("nowhere", { connections: 9 })).status, 400);
  assertEquals((await put("any", { doors: ["gopher"] })).status, 400);
  assertEquals((await root.ask("/admin/networks")).json.networks, [
    { network: "192.0.2.0/24", limits },
    { network: "any", limits: { connections: 9 } },
  ]);
  const none = { rate_up: "default", requests: "default", doors: "default" };
  await put("192.0.2.0/24", none);
  assertEquals((await root.ask("/admin/networks")).json.networks.length, 1);
});

holdsWeb("bans, sessions, uploads, verification, logs and state", async (bench) => {
  const root = await administrator(bench);
  const network = "203.0.113.0/24";
  const ban = { network, reason: "guessing", forMs: 1000 };
  assertEquals(
    (await root.ask("/admin/bans", { method: "POST", json: ban })).json.network,
    network,
  );
  // A time that no number can hold would keep all bans from being read.
  const endless = { network, forMs: Number.MAX_SAFE_INTEGER };
  assertEquals((await root.ask("/admin/bans", { method: "POST", json: endless })).status, 400);
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
