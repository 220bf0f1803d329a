/** PROTOCOL "Sharing": `/shared/OWNER/…` in every command that takes a path. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { ROWS } from "../../../server/native/table.ts";
import { addAccount } from "../../support/in_process.ts";
import { is, login, namesIn, onDisk } from "../../support/native.ts";
import { type RawClient, sha256 } from "../../support/raw_client.ts";
import { among, amongOnDisk, put, share } from "../../support/sharing.ts";

const DIR = "/shared/alice/deep/doc";

async function listed(client: RawClient, path: string, recursive = false): Promise<string[]> {
  const { entries, path: reported } = is(await client.ask("LIST", { path, recursive }), "OK");
  assertStrictEquals(reported, path);
  const all = entries as { name: string; type: string }[];
  return all.map(({ name, type }) => type === "directory" ? `${name}/` : name);
}

among("what leads to something shared is listed and entered, and no more", async (guests) => {
  const { server, alice, bob, carol } = guests;
  await put(alice, "deep/doc/a", "deep/doc/sub/b", "deep/secret", "deep/er/one", "z", "deep/w/in");
  await put(carol, "c");
  await put(bob, "sharee", "shared.txt", "own/x");
  assertEquals(await listed(bob, "/"), ["own/", "shared.txt", "sharee"]);
  is(await bob.ask("CWD", { path: "/shared" }), "FILE_NOT_FOUND");
  await share(alice, "deep/doc");
  await share(alice, "deep/er/one");
  await share(alice, "deep/w", "w");
  await share(carol, "c", "r", "*");
  assertEquals(await listed(bob, "/"), ["own/", "shared/", "shared.txt", "sharee"]);
  assertEquals(await namesIn(bob), ["own", "shared", "shared.txt", "sharee"]);
  // Shares of others are not part of the own tree.
  assertEquals(await listed(bob, "/", true), [
    "own/",
    "own/x",
    "shared/",
    "shared.txt",
    "sharee",
  ]);
  assertEquals(is(await bob.ask("VERIFY", { path: "/" }), "OK").files, 3);
  assertEquals(await listed(bob, "/shared"), ["alice/", "carol/"]);
  assertEquals(await listed(bob, "/shared/alice"), ["deep/"]);
  assertEquals(await listed(bob, "/shared/alice/deep"), ["doc/", "er/", "w/"]);
  assertEquals(await listed(bob, "/shared/alice/deep/er"), ["one"]);
  assertEquals(await listed(bob, DIR), ["a", "sub/"]);
  assertEquals(await listed(bob, `${DIR}/a`), ["a"]);
  const below = ["deep/", "deep/doc/", "deep/doc/a", "deep/doc/sub/", "deep/doc/sub/b", "deep/er/"];
  const all = [...below, "deep/er/one", "deep/w/"];
  assertEquals(await listed(bob, "/shared/alice", true), all);
  assertEquals(
    await listed(bob, "/shared", true),
    ["alice/", ...all.map((name) => `alice/${name}`), "carol/", "carol/c"],
  );
  const paged: string[] = [];
  let cursor: unknown;
  do {
    const page = is(
      await bob.ask("NLST", { path: "/shared", recursive: true, limit: 2, cursor }),
      "OK",
    );
    paged.push(...page.names as string[]);
    cursor = page.cursor;
  } while (cursor !== undefined);
  assertEquals(paged.length, 11);
  assertEquals(is(await bob.ask("VERIFY", { path: "/shared" }), "OK").files, 4);
  // A drop-box shows that it is there.
  is(await bob.ask("LIST", { path: "/shared/alice/deep/w" }), "PERMISSION_DENIED");
  for (const path of ["/shared", "/shared/alice", "/shared/alice/deep"]) {
    assertStrictEquals(is(await bob.ask("CWD", { path }), "OK", 250).path, path);
    assertEquals(is(await bob.ask("STAT", { filename: path }), "OK").type, "directory");
    for (const command of ["SIZE", "HASH", "VIEW", "DOWNLOAD", "VERSIONS"]) {
      is(await bob.ask(command, { filename: path }), "IS_A_DIRECTORY");
    }
    is(await bob.ask("COPY", { from: path, to: "/x" }), "IS_A_DIRECTORY");
    const changes: [string, object][] = [
      ["UPLOAD", { filename: path }],
      ["MKD", { path }],
      ["MKD", { path, make_dirs: true }],
      ["RMD", { path, recursive: true }],
      ["DELE", { filename: path }],
      ["RNFR", { filename: path }],
      ["RENAME", { from: path, to: "/x" }],
      ["RENAME", { from: "/own/x", to: path }],
      ["MFMT", { filename: path, mtime: 1 }],
    ];
    for (const [command, data] of changes) is(await bob.ask(command, data), "PERMISSION_DENIED");
  }
  is(await bob.ask("CWD", { path: DIR }), "OK");
  is(await bob.ask("SIZE", { filename: "a" }), "OK");
  for (const path of ["/shared/alice/deep", "/shared/alice", "/shared", "/"]) {
    assertStrictEquals(is(await bob.ask("CDUP"), "OK", 250).path, path);
  }
  // The owner sees what is shared, and nothing under `/shared`.
  const { entries } = is(await alice.ask("LIST", { path: "deep" }), "OK");
  const marked = (entries as { name: string; shared?: boolean }[]).filter(({ shared }) => shared);
  assertEquals(marked.map(({ name }) => name), ["doc", "w"]);
  assertEquals(is(await alice.ask("STAT", { filename: "deep/doc" }), "OK").shared, true);
  assertEquals(is(await bob.ask("STAT", { filename: DIR }), "OK").shared, undefined);
  // A directory of the reserved name, put there by hand, belongs to no account.
  await Deno.mkdir(onDisk(server, "shared/alice/deep", "bob"), { recursive: true });
  await Deno.mkdir(onDisk(server, "shared/x"), { recursive: true });
  assertEquals(await listed(bob, "/shared/alice/deep"), ["doc/", "er/", "w/"]);
  await share(alice, "/", "rw");
  assert(!(await listed(bob, "/shared/alice")).includes("shared/"));
  is(await bob.ask("LIST", { path: "/shared/alice/shared" }), "FILE_NOT_FOUND");
  is(await bob.ask("MKD", { path: "/shared/alice" }), "PERMISSION_DENIED");
  is(await bob.upload("/shared/alice/new", "1"), "OK");
});

among("all commands work in a shared directory, and report the guest's paths", async (guests) => {
  const { alice, bob } = guests;
  await put(alice, "deep/doc/a.txt", "deep/doc/ä/b");
  await put(bob, "mine");
  await share(alice, "deep/doc", "rwcd");
  const a = `${DIR}/a.txt`;
  const tells = async (command: string, data: object, name = "filename") =>
    is(await bob.ask(command, data), "OK")[name];
  assertStrictEquals((await bob.download(a)).head.data.filename, a);
  assertStrictEquals(await tells("VIEW", { filename: a }), a);
  assertStrictEquals(await tells("HASH", { filename: a }), a);
  assertStrictEquals(await tells("STAT", { filename: a }), a);
  assertEquals(await tells("SIZE", { filename: a }, "size"), 14);
  is(await bob.ask("MFMT", { filename: a, mtime: 7 }), "OK", 213);
  assertEquals(await tells("MDTM", { filename: a }, "mtime"), 7);
  assertEquals(await tells("MKD", { path: `${DIR}/m/n`, make_dirs: true }, "path"), `${DIR}/m/n`);
  // A version made by a guest is the owner's, beside the file.
  assertEquals(is(await bob.upload(a, "2"), "OK").filename, `${DIR}/a_v2.txt`);
  assertEquals(await tells("COPY", { from: "/mine", to: `${DIR}/m/c` }), `${DIR}/m/c`);
  assertEquals(await tells("COPY", { from: a, to: "/got" }), "/got");
  assertEquals(await tells("COPY", { from: a, to: a }), `${DIR}/a_v3.txt`);
  const versions = await tells("VERSIONS", { filename: a }, "versions") as { filename: string }[];
  assertEquals(
    versions.map(({ filename }) => filename),
    [a, `${DIR}/a_v2.txt`, `${DIR}/a_v3.txt`],
  );
  assertEquals(await tells("RENAME", { from: `${DIR}/a_v3.txt`, to: `${DIR}/m/r` }), `${DIR}/m/r`);
  is(await bob.ask("RNFR", { filename: `${DIR}/m/r` }), "OK", 350);
  assertEquals(await tells("RNTO", { filename: `${DIR}/m/s` }), `${DIR}/m/s`);
  for (const [from, to] of [["/mine", `${DIR}/x`], [`${DIR}/m/s`, "/x"]]) {
    is(await bob.ask("RENAME", { from, to }), "PERMISSION_DENIED");
  }
  is(await bob.upload(`${DIR}/new/x`, "1", { make_dirs: true }), "OK");
  assertEquals(await namesIn(bob, DIR), ["a.txt", "a_v2.txt", "m", "new", "ä"]);
  is(await bob.ask("CWD", { path: `${DIR}/a\u0308` }), "OK"); // the same name, written otherwise
  assertEquals(await tells("PWD", {}, "path"), `${DIR}/ä`);
  assertEquals(await tells("HASH", { filename: "b" }), `${DIR}/ä/b`);
  is(await bob.ask("DELE", { filename: "b" }), "OK", 250);
  is(await bob.ask("RMD", { path: `${DIR}/ä` }), "OK", 250);
  is(await bob.ask("RMD", { path: `${DIR}/m` }), "NOT_EMPTY");
  is(await bob.ask("RMD", { path: `${DIR}/m`, recursive: true }), "OK", 250);
  assertEquals(await namesIn(alice, "deep/doc"), ["a.txt", "a_v2.txt", "new"]);
  const messages: [string, object][] = [
    ["DELE", { filename: `${DIR}/none` }],
    ["DOWNLOAD", { filename: `${DIR}/new` }],
    ["MKD", { path: `${DIR}/new` }],
    ["RMD", { path: `${DIR}/new` }],
    ["UPLOAD", { filename: `${DIR}/a.txt/x` }],
  ];
  for (const [command, data] of messages) {
    const { message } = (await bob.ask(command, data)).data;
    assert(String(message).includes(`"${Object.values(data)[0].replace(/\/x$/, "")}`), message);
  }
});

/** Where a command's data names places: those it acts on, and by which letters of a share. */
const PATHS: Record<string, [data: Record<string, unknown>, letters: string]> = {
  UPLOAD: [{ filename: `${DIR}/new` }, "w"],
  APPE: [{ filename: `${DIR}/a` }, "w"],
  RESUME: [{ filename: `${DIR}/a` }, "w"],
  DOWNLOAD: [{ filename: `${DIR}/a` }, "r"],
  VIEW: [{ filename: `${DIR}/a` }, "r"],
  LIST: [{ path: DIR }, "r"],
  NLST: [{ path: DIR }, "r"],
  CWD: [{ path: DIR }, "r"],
  MKD: [{ path: `${DIR}/m` }, "c"],
  RMD: [{ path: `${DIR}/dir` }, "d"],
  DELE: [{ filename: `${DIR}/b` }, "d"],
  RNFR: [{ filename: `${DIR}/a` }, "dw"],
  RENAME: [{ from: `${DIR}/a`, to: `${DIR}/c` }, "dw"],
  COPY: [{ from: `${DIR}/a`, to: `${DIR}/a` }, "rw"],
  SIZE: [{ filename: `${DIR}/a` }, "r"],
  MDTM: [{ filename: `${DIR}/a` }, "r"],
  STAT: [{ filename: `${DIR}/a` }, "r"],
  HASH: [{ filename: `${DIR}/a` }, "r"],
  MFMT: [{ filename: `${DIR}/a`, mtime: 1 }, "w"],
  LOCK: [{ filename: `${DIR}/locked` }, "w"],
  VERSIONS: [{ filename: `${DIR}/a` }, "r"],
  VERIFY: [{ path: DIR }, "r"],
};
/** They name no place, or need no letter there, or another command reports their place. */
const PLACELESS = ["PARTS", "ABOR", "PWD", "CDUP", "RNTO", "TRANS", "USERS", "ADDU", "DELU"];

for (const missing of "rwcd") {
  among(
    `without ${missing}, of share, owner or account, what needs it is denied`,
    async (guests) => {
      const { server, alice, bob, carol } = guests;
      const names = ROWS.filter(({ letters }) => /[rwcd]/.test(letters)).map(({ name }) => name);
      assertEquals(names.filter((name) => !PLACELESS.includes(name) && !PATHS[name]), []);
      const rest = "rwcd".replace(missing, "");
      await put(alice, "deep/doc/a", "deep/doc/b", "deep/doc/dir/x");
      is(await alice.ask("DELE", { filename: "deep/doc/dir/x" }), "OK");
      await addAccount(server.vault, "less", rest);
      using less = await login(server, "less");
      await share(alice, "deep/doc", rest, "bob");
      await share(alice, "deep/doc", "rwcd", "less");
      await share(alice, "deep/doc", "rwcd", "carol");
      const deniedTo = async (client: RawClient) => {
        for (const [command, [data, letters]] of Object.entries(PATHS)) {
          if (!letters.includes(missing)) continue;
          const reply = await client.ask(command, data);
          assertEquals(reply.status, "PERMISSION_DENIED", `${command}: ${JSON.stringify(reply)}`);
        }
      };
      await deniedTo(bob);
      await deniedTo(less);
      await server.catalog.updateAccount("alice", { letters: rest });
      await deniedTo(carol);
      await server.catalog.updateAccount("alice", { letters: "rwcd" });
      // With them, all of it is done.
      for (const [command, [data, letters]] of Object.entries(PATHS)) {
        if (["RENAME", "RMD", "DELE", "RESUME"].includes(command)) continue;
        const client = letters.includes(missing) ? carol : bob;
        if (command === "APPE" || command === "UPLOAD") {
          is(await client.ask(command, data), "OK", 150);
          is(await client.ask("ABOR", { discard: true }), "ABORTED");
          is(await client.reply(), "OK");
        } else if (command === "DOWNLOAD") {
          is((await client.download(`${DIR}/a`)).final, "OK");
        } else is(await client.ask(command, data), "OK");
      }
      for (const command of ["RMD", "DELE", "RENAME"]) {
        is(await carol.ask(command, PATHS[command]![0]), "OK");
      }
    },
  );
}

among("make_dirs needs c of the share; several shares allow together", async ({ alice, bob }) => {
  await put(alice, "deep/doc/a");
  await share(alice, "deep/doc", "w");
  is(await bob.upload(`${DIR}/x`, "1", { make_dirs: true }), "OK");
  is(await bob.ask("UPLOAD", { filename: `${DIR}/n/x`, make_dirs: true }), "PERMISSION_DENIED");
  is((await bob.download(`${DIR}/a`)).head, "PERMISSION_DENIED");
  await share(alice, "deep", "c", "*");
  is(await bob.upload(`${DIR}/n/x`, "1", { make_dirs: true }), "OK");
  await share(alice, "deep/doc/a", "r");
  is((await bob.download(`${DIR}/a`)).final, "OK");
  is((await bob.download(`${DIR}/x`)).head, "PERMISSION_DENIED");
  assertEquals(await namesIn(bob, DIR), ["a"]); // the share of the directory itself has no r
});

among("WHY names the share that allows or denies a letter", async ({ server, alice, bob }) => {
  await put(alice, "deep/doc/a");
  await share(alice, "deep/doc", "rw");
  await share(alice, "deep/doc/a", "d", "*");
  const why = async (path: string) => {
    const reported = is(await bob.ask("WHY", { path }), "OK");
    const rules = reported.letters as { letter: string; allowed: boolean; rule: string }[];
    return Object.fromEntries(
      rules.map(({ letter, allowed, rule }) => [letter, `${allowed}: ${rule}`]),
    );
  };
  const at = await why(`${DIR}/a`);
  assertEquals(at.r, 'true: the share of "/deep/doc" by alice with bob allows r');
  assertEquals(at.d, 'true: the share of "/deep/doc/a" by alice with everybody allows d');
  assertMatch(at.c!, /^false: the share of "\/deep\/doc" by alice with bob allows rw only$/);
  assertMatch(at.t!, /^false: the account bob lacks/);
  await server.catalog.updateAccount("alice", { letters: "rd", quotaBytes: 1 });
  assertMatch((await why(`${DIR}/a`)).w!, /^false: .* names w, but the account alice lacks it$/);
  await server.catalog.updateAccount("alice", { letters: "rwcd" });
  assertMatch((await why(`${DIR}/a`)).w!, /^false: the quota of the account alice \(1 bytes\)/);
  assertMatch((await why("/shared/alice/deep")).r!, /^true: .* leads to a share$/);
  assertMatch((await why("/shared/alice/deep")).w!, /^false: .* only leads to a share$/);
  assertMatch((await why("/shared/alice")).w!, /^false: .* reserved/);
  assertMatch((await why("/shared/alice/z")).r!, /^false: nothing is shared at/);
  await server.catalog.updateAccount("bob", { letters: "w" });
  assertMatch((await why(`${DIR}/a`)).r!, /^false: the account bob lacks the permission r$/);
});

amongOnDisk(
  "a path of a share has one form: sorted, hashed, with the bytes that are there",
  async (g) => {
    const { server, alice, bob } = g;
    await Deno.mkdir(onDisk(server, "doc"));
    await Deno.writeTextFile(onDisk(server, "doc/by hand"), "by hand");
    await share(alice, "doc");
    const { content, head } = await bob.download("/shared/alice/doc/by hand");
    assertEquals(head.data.file_hash, sha256(content));
    await Deno.symlink("/etc/passwd", onDisk(server, "doc/link"));
    assertEquals(await namesIn(bob, "/shared/alice/doc"), ["by hand"]);
    is((await bob.download("/shared/alice/doc/link")).head, "PERMISSION_DENIED");
  },
);
