/** PROTOCOL section 5: the letters of every row of the table, before anything is looked up. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ROWS } from "../../server/native/table.ts";
import { LETTERS } from "../../storage/contract/permission.ts";
import { addAccount, openInProcess } from "../support/in_process.ts";
import { holds, holdsOnDisk, is, login } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";

const ALL = "rwcdt";
/** Data that any row takes; what it names is not there. */
const DATA = {
  filename: "none/none",
  path: "none/none",
  from: "none/none",
  to: "none/other",
  temp_id: "none",
  username: "none",
  group: "none",
  password: "none",
  new_password: "none",
  permissions: "",
  token_id: "none",
  session_id: "none",
  network: "192.0.2.1",
  directory: "/nonexistent",
  bytes: 0,
  name: "server",
  offset: 0,
  mtime: 0,
  type: "I",
};
/** The letters as PROTOCOL has them; what it does not name needs none. */
const NEEDED: Record<string, string> = {
  UPLOAD: "w",
  APPE: "w",
  RESUME: "w",
  PARTS: "w",
  ABOR: "w",
  DOWNLOAD: "r",
  VIEW: "r",
  LIST: "r",
  NLST: "r",
  PWD: "r",
  CWD: "r",
  CDUP: "r",
  MKD: "c",
  RMD: "d",
  DELE: "d",
  RNFR: "dw",
  RNTO: "dw",
  RENAME: "dw",
  COPY: "rw",
  SIZE: "r",
  MDTM: "r",
  STAT: "r",
  HASH: "r",
  MFMT: "w",
  VERSIONS: "r",
  VERIFY: "r",
  LOCK: "w",
  TRANS: "t",
  USERS: "t",
  ADDU: "t",
  VALID: "t",
  GROUPS: "t",
  MEMBERS: "t",
  ADDG: "t",
  DELG: "t",
  PERMG: "t",
  JOIN: "t",
  LEAVE: "t",
  DELU: "t",
  QUOTA: "t",
  RESETPW: "t",
  LIMITS: "t",
  NETLIMIT: "t",
  NETLIMITS: "t",
  BAN: "t",
  UNBAN: "t",
  BANS: "t",
  MOUNT: "t",
  UNMOUNT: "t",
  MOUNTS: "t",
  UPLOADS: "t",
  DROPU: "t",
  EXPIRE: "t",
  VERIFYU: "t",
  STATUS: "t",
  WHO: "t",
  KICK: "t",
  LOGS: "t",
};

Deno.test("the table has the protocol's letters", () => {
  for (const { name, letters } of ROWS) assertEquals(letters, NEEDED[name] ?? "", name);
  const names = new Set<string>(ROWS.map(({ name }) => name));
  for (const name of Object.keys(NEEDED)) assert(names.has(name), `${name} has no row`);
});

Deno.test("without login every row that needs one is AUTH_REQUIRED", async () => {
  await using server = await openInProcess();
  using client = await RawClient.connect(server);
  const open = ["AUTH", "USER", "PASS", "REG", "FEAT", "HELP", "SYST", "NOOP", "QUIT"];
  for (const { name, aliases = [], needsLogin } of ROWS) {
    assertEquals(needsLogin === false, open.includes(name), name);
    if (needsLogin === false) continue;
    for (const command of [name, ...aliases]) is(await client.ask(command, DATA), "AUTH_REQUIRED");
  }
});

for (const letter of ALL) {
  Deno.test(`without ${letter}, requests that need it are denied before existence is checked`, async () => {
    await using server = await openInProcess();
    await addAccount(server.vault, "less", ALL.replace(letter, ""));
    using less = await login(server, "less");
    for (const { name, aliases = [], letters } of ROWS) {
      if (!letters.includes(letter)) continue;
      for (const command of [name, ...aliases]) {
        for (const [what, data] of Object.entries(targets())) {
          const reply = await less.ask(command, data);
          assertEquals(reply.status, "PERMISSION_DENIED", `${command} of ${what}`);
        }
      }
    }
    is(await less.ask("WHY", { path: "x" }), "OK");
    is(await less.ask("STAT"), "OK", 211);
  });

  Deno.test(`with ${letter} alone, what needs no other is not denied`, async () => {
    await using server = await openInProcess();
    await addAccount(server.vault, "only", letter);
    using only = await login(server, "only");
    for (const { name, letters } of ROWS) {
      if (name === "QUIT" || (letters !== letter && letters !== "")) continue;
      if (["CDUP", "AUTH", "PASS", "REG"].includes(name)) continue; // denied for other reasons
      if (name === "SHAR") continue; // what is shared are letters of one's own
      if (name === "UNLOCK") continue; // with a username, administrators alone
      const reply = await only.ask(name, DATA);
      assertNotEquals(reply.status, "PERMISSION_DENIED", name);
      assertNotEquals(reply.status, "UNKNOWN_COMMAND", name);
    }
  });
}

function targets(): Record<string, Record<string, unknown>> {
  const at = (path: string) => ({ ...DATA, filename: path, path, from: path });
  return { nothing: DATA, "a path through it": at("x/../y"), "the root": at("/") };
}

holdsOnDisk("make_dirs needs c only where a parent is missing", async ({ server }) => {
  await addAccount(server.vault, "writer", "rw");
  using writer = await login(server, "writer");
  is(await writer.upload("a", "1", { make_dirs: true }), "OK", 226);
  is(await writer.ask("UPLOAD", { filename: "d/a", make_dirs: true }), "PERMISSION_DENIED");
  is(await writer.ask("UPLOAD", { filename: "d/a" }), "FILE_NOT_FOUND");
  await Deno.mkdir(`${server.data}/users/w/writer/files/d`);
  is(await writer.upload("d/a", "1", { make_dirs: true }), "OK", 226);
  is(await writer.upload("d/a", "2", { overwrite: true }), "OK", 226); // overwriting needs no d
  is(await writer.ask("COPY", { from: "a", to: "d/a", if_exists: "overwrite" }), "OK", 250);
  await writer.send("UPLOAD", { filename: "e/a", make_dirs: true, pipelined: true });
  await writer.data("1");
  await writer.send("END");
  is(await writer.reply(), "PERMISSION_DENIED");
});

holds(
  "letters that are taken count at once, in running transfers too",
  async ({ server, alice }) => {
    is(await alice.upload("large", new Uint8Array(24 * 1024 * 1024)), "OK");
    using reader = await login(server);
    is(await reader.ask("DOWNLOAD", { filename: "large" }), "OK", 150);
    const { temp_id } = is(await alice.ask("UPLOAD", { filename: "a" }), "OK", 150);
    await alice.data("con");
    is(await alice.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
    await server.catalog.updateAccount("alice", { letters: "" });
    await alice.data("tent");
    is(await alice.reply(), "PERMISSION_DENIED");
    await alice.send("END");
    is(await alice.ask("LIST"), "PERMISSION_DENIED");
    is(await reader.untilReply(() => {}), "PERMISSION_DENIED");
    await server.catalog.updateAccount("alice", { letters: "rwcd" });
    assertEquals(is(await alice.ask("RESUME", { temp_id }), "OK", 150).offset, 3);
    assertEquals(Object.keys(LETTERS).join(""), "rwcdt");
  },
);
