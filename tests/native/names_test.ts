/** PROTOCOL section 4: names and paths, the same for every argument of every command. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { addAccount } from "../support/in_process.ts";
import { holds, holdsOnDisk, is, KIB, login, namesIn, onDisk } from "../support/native.ts";
import { type RawClient, sha256 } from "../support/raw_client.ts";

/** Every command that takes a path, with `path` in one of its arguments. */
function everywhere(path: string): [string, Record<string, unknown>][] {
  return [
    ["UPLOAD", { filename: path }],
    ["STOR", { filename: path, make_dirs: true }],
    ["APPE", { filename: path }],
    ["RESUME", { filename: path }],
    ["DOWNLOAD", { filename: path }],
    ["RETR", { filename: path }],
    ["VIEW", { filename: path }],
    ["LIST", { path }],
    ["NLST", { path, recursive: true }],
    ["CWD", { path }],
    ["MKD", { path }],
    ["MKD", { path, make_dirs: true }],
    ["RMD", { path, recursive: true }],
    ["DELE", { filename: path }],
    ["RNFR", { filename: path }],
    ["RENAME", { from: path, to: "x" }],
    ["RENAME", { from: "here", to: path, overwrite: true }],
    ["COPY", { from: path, to: "x" }],
    ["COPY", { from: "here", to: path }],
    ["SIZE", { filename: path }],
    ["MDTM", { filename: path }],
    ["STAT", { filename: path }],
    ["HASH", { filename: path }],
    ["MFMT", { filename: path, mtime: 1 }],
    ["VERSIONS", { filename: path }],
    ["WHY", { path }],
    ["VERIFY", { path }],
  ];
}

async function everywhereIs(
  client: RawClient,
  path: string,
  status: "BAD_NAME" | "PERMISSION_DENIED",
) {
  for (const [command, data] of everywhere(path)) {
    const reply = await client.ask(command, data);
    assertStrictEquals(
      reply.status,
      status,
      `${command} ${JSON.stringify(data)}: ${JSON.stringify(reply)}`,
    );
  }
  is(await client.ask("RNFR", { filename: "here" }), "OK", 350);
  is(await client.ask("RNTO", { filename: path }), status);
}

holds("names that are not allowed are BAD_NAME everywhere", async ({ alice }) => {
  await alice.upload("here", "1");
  const controls = [0, 1, 9, 10, 13, 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9f];
  const bad = [
    ...controls.map((code) => `a${String.fromCharCode(code)}b`),
    "...",
    "d/..../x",
    "\ud800",
    "a\udc00b",
    "\udc00\ud800",
    "x".repeat(256),
    "ä".repeat(128),
    `${"d/".repeat(2048)}x`,
    `/${"y".repeat(200)}`.repeat(21),
  ];
  for (const path of bad) await everywhereIs(alice, path, "BAD_NAME");
  assertEquals(await namesIn(alice), ["here"]);
});

holds(
  "paths that climb above the root are PERMISSION_DENIED everywhere",
  async ({ server, alice }) => {
    await addAccount(server.vault, "al");
    await alice.upload("here", "1");
    for (
      const path of ["..", "/..", "../here", "/../alice/here", "d/../../x", "./.././x", "//..//"]
    ) {
      await everywhereIs(alice, path, "PERMISSION_DENIED");
    }
    using al = await login(server, "al");
    is(await al.ask("SIZE", { filename: "../alice/files/here" }), "PERMISSION_DENIED");
    assertEquals(await namesIn(alice), ["here"]);
  },
);

holds(
  "dots are resolved on the text; repeated and trailing slashes are dropped",
  async ({ alice }) => {
    is(await alice.upload("//d///a/", "content", { make_dirs: true }), "OK", 226);
    is(await alice.ask("CWD", { path: "d" }), "OK");
    for (
      const filename of ["a", "./a", "/d/a", "//d//a//", "../d/a", "none/../a", "/none/../d/./a/."]
    ) {
      assertEquals(is(await alice.ask("HASH", { filename }), "OK").filename, "/d/a");
    }
  },
);

holds("names that look odd are names like others", async ({ alice }) => {
  const odd = [
    "a b",
    " leading",
    "trailing ",
    "a.",
    "..a",
    "a..",
    "a\\b",
    "..\\..\\x",
    "c:",
    "%2e%2e%2f",
    "-rf",
    "*",
    "?",
    "~",
    "x.part",
    "x.json",
    "x_v2",
    ".part",
    "__proto__",
    "CON",
    "\u202eevil",
    "\u200b",
    "shared ",
    "Shared",
    "😀",
    "'\"<script>",
  ];
  for (const name of odd) {
    const done = is(await alice.upload(name, name), "OK", 226);
    assertEquals(done.filename, `/${name}`);
  }
  assertEquals(new Set(await namesIn(alice)), new Set(odd));
  for (const name of odd) {
    assertEquals(is(await alice.ask("HASH", { filename: name }), "OK").hash, sha256(name));
  }
});

holdsOnDisk("names are brought to NFC: two spellings are one name", async ({ server, alice }) => {
  const decomposed = "e\u0301\u212b";
  const composed = "\u00e9\u00c5";
  assertEquals(is(await alice.upload(decomposed, "1"), "OK").filename, `/${composed}`);
  assertEquals(is(await alice.upload(composed, "2"), "OK").filename, `/${composed}_v2`);
  assertEquals(is(await alice.ask("SIZE", { filename: decomposed }), "OK").size, 1);
  is(await alice.ask("RENAME", { from: decomposed, to: composed }), "OK");
  assertEquals(await namesIn(alice), [composed, `${composed}_v2`]);
  assert(Deno.statSync(onDisk(server, composed)).isFile);
});

holds("a name has up to 255 bytes, a path up to 4,096", async ({ alice }) => {
  for (const name of ["x".repeat(255), "ä".repeat(127) + "x", "😀".repeat(63) + "xyz"]) {
    is(await alice.upload(name, "1"), "OK", 226);
    is(await alice.ask("SIZE", { filename: name }), "OK", 213);
  }
  const longest = `/${"y".repeat(255)}`.repeat(16);
  assertEquals(longest.length, 4 * KIB);
  is(await alice.ask("SIZE", { filename: longest }), "FILE_NOT_FOUND");
  is(await alice.ask("LIST", { path: longest }), "FILE_NOT_FOUND");
  is(await alice.ask("UPLOAD", { filename: longest }), "FILE_NOT_FOUND");
  is(await alice.ask("SIZE", { filename: longest + "/" }), "BAD_NAME");
  const deep = `/${"z".repeat(255)}`.repeat(10);
  is(await alice.upload(`${deep}/file`, "1", { make_dirs: true }), "OK", 226);
  is(await alice.ask("CWD", { path: deep }), "OK");
  is(await alice.ask("SIZE", { filename: "file" }), "OK");
  is(await alice.ask("SIZE", { filename: deep.slice(1) }), "BAD_NAME"); // with the directory
});

/** Maximum number of directories above a file. */
const DEPTH = 256;

holdsOnDisk("a file lies below at most 256 directories", async ({ server, alice }) => {
  // Another program made directories below the lowest one.
  const lowest = "/d".repeat(DEPTH);
  Deno.mkdirSync(onDisk(server, lowest.slice(1)), { recursive: true, mode: 0o700 });
  Deno.mkdirSync(onDisk(server, `${lowest.slice(1)}/other/below/it`), { recursive: true });
  is(await alice.upload(`${lowest}/file`, "content"), "OK", 226);
  is(await alice.ask("HASH", { filename: `${lowest}/file` }), "OK");
  is(await alice.ask("STAT", { filename: `${lowest}/other` }), "OK");
  for (const path of [`${lowest}/other`, `${lowest}/other/below/it`]) {
    is(await alice.ask("LIST", { path }), "BAD_NAME");
    is(await alice.ask("STAT", { filename: `${path}/x` }), "BAD_NAME");
    is(await alice.ask("MKD", { path: `${path}/x` }), "BAD_NAME");
    is(await alice.ask("MKD", { path: `${path}/x`, make_dirs: true }), "BAD_NAME");
    is(await alice.upload(`${path}/x`, "1", { make_dirs: true }), "BAD_NAME");
    is(await alice.ask("RENAME", { from: `${lowest}/file`, to: `${path}/x` }), "BAD_NAME");
    is(await alice.ask("COPY", { from: `${lowest}/file`, to: `${path}/x` }), "BAD_NAME");
  }
  is(await alice.ask("MKD", { path: `${lowest}/new` }), "BAD_NAME");
  // Listings go on where they go no deeper.
  const { entries } = is(await alice.ask("LIST", { path: "/", recursive: true }), "OK") as {
    entries: { name: string }[];
  };
  assertEquals(entries.length, DEPTH + 2);
  // Moved up, it can be reached; and a removal takes it along where it is.
  is(await alice.ask("RENAME", { from: `${lowest}/other`, to: "/up" }), "OK");
  is(await alice.ask("STAT", { filename: "/up/below/it" }), "OK");
  is(await alice.ask("RENAME", { from: "/up", to: `${lowest}/other` }), "OK");
  is(await alice.ask("RMD", { path: "/d", recursive: true }), "OK");
  assertEquals(await namesIn(alice), []);

  // Where one would lie too deep, none is made; what is not there is reported as such.
  const deep = `${lowest}/x/y`;
  is(await alice.ask("MKD", { path: deep, make_dirs: true }), "BAD_NAME");
  is(await alice.upload(`${deep}/file`, "1", { make_dirs: true }), "BAD_NAME");
  assertEquals(await namesIn(alice), []);
  for (const [command, data] of everywhere("/x".repeat(2048))) {
    const makes = data.make_dirs === true && data.path !== "here";
    if (command === "WHY" || command === "RESUME" || makes) continue;
    const { status } = await alice.ask(command, data);
    assert(status === "FILE_NOT_FOUND", `${command}: ${status}`);
  }
});
