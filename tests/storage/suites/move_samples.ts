/** Samples for moves between engines: an engine with one of everything, and how it looks. */
import { assertEquals } from "@std/assert";
import type { Engine } from "../../../storage/contract/engine.ts";
import { childOf } from "../../../storage/contract/path.ts";
import type { NewUpload } from "../../../storage/contract/upload_record.ts";
import { eachAccount } from "../../../storage/common/each_account.ts";
import {
  bans,
  groupsIn,
  limited,
  limitedNetworks,
  linksOf,
  membersIn,
  sessionsOf,
  sharesBy,
  tokensOf,
} from "../../../storage/move/copy_records.ts";
import { unfinished } from "../../../storage/move/copy_uploads.ts";
import {
  account,
  append,
  bytesOf,
  newUpload,
  prefix,
  sha256,
  spot,
  store,
  textOf,
} from "./engine_samples.ts";

/** Names that an engine may have to write in another way. */
export const ODD_NAMES = [
  " leading and trailing ",
  ".hidden",
  "%41%",
  "%~",
  "a\\b",
  "quotes \"' and `ticks`",
  "ends.",
  "grüße.txt",
  "日本語",
  "👩‍👩‍👧.txt",
  "CON",
  "-rf",
  "*?[a]",
  "x".repeat(255),
];

/** Stores a file with a time, a key and permission bits. */
async function keep(engine: Engine, path: string, text: string, key?: string): Promise<void> {
  const part = await engine.parts.begin(
    newUpload(path, { mode: 0o640, mtimeMs: 1_600_000_000_123 }),
  );
  await append(part, text);
  const hash = sha256(bytesOf(text));
  await engine.tree.publish({ part, size: text.length, hash, key, occupied: undefined });
}

/** Leaves an unfinished upload, with a checkpoint behind each of some texts. @returns its id */
export async function begin(
  engine: Engine,
  path: string,
  texts: readonly string[],
  change: Partial<NewUpload> = {},
): Promise<string> {
  const part = await engine.parts.begin(newUpload(path, { mode: 0o600, ...change }));
  const { id, account } = part.record;
  await part.keep();
  let text = "";
  for (const more of texts) {
    await append(part, more);
    text += more;
    await part.checkpoint(prefix(text));
  }
  await append(part, "bytes that no checkpoint holds safe");
  await part.release(text.length);
  await engine.catalog.uploadNotes.put({ id, account, text: path, result: null, atMs: 11 });
  return id;
}

/** Fills an engine with one of everything. */
export async function fillForMove(engine: Engine): Promise<void> {
  const { catalog, tree } = engine;
  for (const name of ["alice", "bob", "carol"]) await engine.addAccount(account(name));
  await catalog.updateAccount("alice", { quotaBytes: 20_000_000, letters: "rwcdt" });
  await catalog.updateAccount("carol", { quotaBytes: null, passwordHash: "$scrypt$…" });
  await catalog.noteLogin("bob", 1_650_000_000_000);
  for (const name of ODD_NAMES) await store(engine, `/${name}`, `content of ${name}`);
  await store(engine, "/empty file", "");
  await keep(engine, "/notes.txt", "notes", "the client's key");
  for (const text of ["one", "two", "three"]) await store(engine, "/report.txt", text);
  let deep = "";
  for (let i = 0; i < 12; i++) await tree.makeDirectory("alice", deep += `/deep`);
  await store(engine, `${deep}/file`, "below");
  await tree.makeDirectory("alice", "/empty");
  await tree.makeDirectory("alice", "/e\u0301te\u0301".normalize("NFC"), "e\u0301te\u0301");
  await tree.setMode(spot("/empty"), 0o750);
  await tree.retime(spot("/empty"), 1_500_000_000_000);
  await store(engine, "/large", "0123456789".repeat(50_000));
  await store(engine, "/bobs", "bob's", { owner: "bob", account: "bob" });
  await begin(engine, "/unfinished", ["the first bytes", " and more".repeat(40_000)]);
  await begin(engine, "/deep/from a guest", ["a guest's"], {
    account: "bob",
    shownPath: "/~alice",
  });
  await begin(engine, "/notes.txt", [], { ifExists: "overwrite", sizeBytes: 70 });
  // Above its quota: the quota was lowered later.
  await catalog.updateAccount("bob", { quotaBytes: 1 });
  await catalog.updateAccount("bob", { disabled: true, expiresMs: 4_000_000_000_000 });
  await catalog.groups.add({ name: "staff", letters: "rw", createdMs: 5 });
  await catalog.groups.add({ name: "empty", letters: "", createdMs: 6 });
  for (const name of ["bob", "carol"]) await catalog.groups.join("staff", name);
  const times = { createdMs: 5, lastUsedMs: 6, expiresMs: null };
  await catalog.tokens.add({
    ...{ id: "token", account: "alice", hash: "ab", label: "backup", letters: "r", path: "/deep" },
    ...times,
  }, 1);
  for (
    const [id, path, guest] of [["s1", "/deep", "bob"], ["s2", "/empty", "*"], [
      "s3",
      "/empty",
      "@staff",
    ]] as const
  ) {
    const share = { id, owner: "alice", path, guest, letters: "r", directory: true };
    await catalog.shares.put({ ...share, createdMs: 7, expiresMs: null }, 1);
  }
  await catalog.links.add({
    ...{ id: "link", owner: "alice", path: "/notes.txt", directory: false, hash: "cd", key: "key" },
    ...{ label: "", passwordHash: null, pinnedHash: null, maxDownloads: 5, downloads: 3 },
    ...times,
  }, 1);
  await catalog.webSessions.add({
    ...{ id: "session", account: "alice", generation: 1, hash: "ef", address: "192.0.2.1" },
    ...{ agent: "Firefox", createdMs: 8, lastUsedMs: 9, expiresMs: 4_000_000_000_000 },
  });
  await catalog.policy.setLimits("bob", { rate: 1000, connections: null });
  const network = { address: "192.0.2.0", prefixLength: 24 };
  await catalog.policy.setNetwork(network, { requests: 60, doors: ["ftp"] });
  await catalog.policy.ban({ ...network, reason: "guessing", createdMs: 10, expiresMs: null });
}

/** All that an engine keeps, for comparisons. */
export async function portrait(engine: Engine): Promise<unknown> {
  const { catalog } = engine;
  const accounts = [];
  for await (const account of eachAccount(catalog)) {
    const { name } = account;
    accounts.push({
      account,
      usage: await catalog.usage(name),
      tokens: await Array.fromAsync(tokensOf(catalog, name)),
      shares: await Array.fromAsync(sharesBy(catalog, name)),
      links: await Array.fromAsync(linksOf(catalog, name)),
      sessions: await Array.fromAsync(sessionsOf(catalog, name)),
      tree: await treeOf(engine, name, "/"),
    });
  }
  return {
    accounts,
    groups: await Array.fromAsync(groupsIn(catalog)),
    members: await Array.fromAsync(membersIn(catalog)),
    limits: await Array.fromAsync(limited(catalog)),
    networks: await Array.fromAsync(limitedNetworks(catalog)),
    bans: await Array.fromAsync(bans(catalog)),
    uploads: (await uploadsOf(engine)).sort((a, b) => a.id < b.id ? -1 : 1),
  };
}

/** Unfinished uploads with their safe bytes and notes. Times and writers are an engine's own matter. */
async function uploadsOf(engine: Engine) {
  const uploads = [];
  for await (const record of unfinished(engine)) {
    const { updatedMs: _updatedMs, writer: _writer, offsetBytes: _, offsetHash: _hash, ...rest } =
      record;
    const content = await engine.parts.read(record);
    const bytes = new Uint8Array(content?.size ?? 0);
    assertEquals(await content?.readAsync(bytes, 0) ?? 0, bytes.length);
    content?.close();
    const safe = await engine.parts.safe(record) ?? { offset: 0, hash: sha256(bytes) };
    assertEquals(safe, { offset: bytes.length, hash: sha256(bytes) });
    const note = await engine.catalog.uploadNotes.find(record.id, record.account);
    uploads.push({ ...rest, safe, note });
  }
  return uploads;
}

async function treeOf(engine: Engine, owner: string, path: string): Promise<unknown> {
  const { tree } = engine;
  const { directories, files } = await tree.names(owner, path, { limit: 1000 });
  const listed = await tree.list(owner, path, [...directories, ...files].sort());
  const below: Record<string, unknown> = {};
  for (const { entry: { name, type } } of listed) {
    const at = childOf(path, name);
    below[name] = type === "file"
      ? sha256(bytesOf(await textOf(await tree.open(owner, at))))
      : await treeOf(engine, owner, at);
  }
  const { mtimeMs } = (await tree.stat(owner, path))!;
  // Sizes of directories are an engine's own matter.
  const entries = listed.map(({ entry, ...rest }) => ({
    ...rest,
    entry: entry.type === "file" ? entry : { ...entry, size: 0 },
  }));
  return { mtimeMs, entries, below };
}
