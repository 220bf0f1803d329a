/** Compares both sides of a move, by all that is recorded. */
import { eachAccount } from "../common/each_account.ts";
import type { Engine } from "../contract/engine.ts";
import { isStoreError } from "../contract/error.ts";
import { childOf, type VirtualPath } from "../contract/path.ts";
import type { Listed } from "../contract/tree.ts";
import {
  bans,
  type Both,
  groupsIn,
  limited,
  limitedNetworks,
  linksOf,
  membersIn,
  sessionsOf,
  sharesBy,
  tokensOf,
} from "./copy_records.ts";
import { unfinished, uploadText } from "./copy_uploads.ts";
import { type AllNames, allNames, inBatches } from "./names.ts";
import {
  type Comparison,
  type LeftOuts,
  type MoveProgress,
  noCounts,
  type SideCounts,
} from "./report.ts";

/** Members of accounts that are compared. */
const COMPARED = [
  "passwordHash",
  "letters",
  "quotaBytes",
  "generation",
  "disabled",
  "expiresMs",
] as const;

/** Records whose numbers are compared. */
const COUNTED = [
  "groups",
  "members",
  "tokens",
  "shares",
  "links",
  "sessions",
  "limits",
  "bans",
] as const;

/** Maximum of differences that are named. */
const MAX_NAMED = 1000;

/** Compares both sides. What was left out is no difference. */
export async function compare(
  both: Both,
  leftOut: LeftOuts,
  progress: MoveProgress,
): Promise<Comparison> {
  const comparing = new Comparing(both, leftOut, progress);
  await comparing.accounts();
  await comparing.records();
  await comparing.uploads();
  return comparing.result;
}

class Comparing {
  readonly result: { -readonly [K in keyof Comparison]: Comparison[K] } = {
    source: noCounts(),
    target: noCounts(),
    differences: [],
    differenceCount: 0,
  };

  constructor(
    private readonly both: Both,
    private readonly leftOut: LeftOuts,
    private readonly progress: MoveProgress,
  ) {}

  async accounts(): Promise<void> {
    const { from, to } = this.both;
    const { source, target } = this.result;
    for await (const account of eachAccount(from.catalog)) {
      source.accounts++;
      const { name } = account;
      this.progress.account = name;
      const there = await to.catalog.account(name);
      const isSame = COMPARED
        .every((member) => there?.[member] === account[member]);
      if (!isSame) this.#differs(`the account ${name} is not the same`);
      if (there === undefined) continue;
      const before = target.bytes;
      await this.#directory(name, "/");
      const { usedBytes } = await to.catalog.usage(name);
      const bytes = target.bytes - before;
      if (usedBytes !== bytes) {
        this.#differs(
          `the quota of ${name} counts ${usedBytes} bytes, and its files have ${bytes}`,
        );
      }
    }
    for await (const _ of eachAccount(to.catalog)) target.accounts++;
    this.#compareCounts("accounts");
  }

  async records(): Promise<void> {
    for (const [side, engine] of [["source", this.both.from], ["target", this.both.to]] as const) {
      const { catalog } = engine;
      const counts = this.result[side];
      for await (const { name } of eachAccount(catalog)) {
        counts.tokens += await lengthOf(tokensOf(catalog, name));
        counts.shares += await lengthOf(sharesBy(catalog, name));
        counts.links += await lengthOf(linksOf(catalog, name));
        counts.sessions += await lengthOf(sessionsOf(catalog, name));
      }
      counts.limits = await lengthOf(limited(catalog)) +
        await lengthOf(limitedNetworks(catalog));
      counts.groups = await lengthOf(groupsIn(catalog));
      counts.members = await lengthOf(membersIn(catalog));
      counts.bans = await lengthOf(bans(catalog));
    }
    for (const kind of COUNTED) this.#compareCounts(kind);
  }

  async uploads(): Promise<void> {
    const { from, to } = this.both;
    const { source, target } = this.result;
    for await (const record of unfinished(from)) {
      if (this.leftOut.hasUpload(record.id)) continue;
      source.uploads++;
      const other = await to.parts.get(record.id);
      const isSame = other !== undefined &&
        await uploadText(from, record) === await uploadText(to, other);
      if (!isSame) this.#differs(`the unfinished upload ${record.id} is not the same`);
    }
    for await (const _ of unfinished(to)) target.uploads++;
    this.#compareCounts("uploads");
  }

  #compareCounts(kind: keyof SideCounts): void {
    const { source, target } = this.result;
    if (source[kind] !== target[kind]) {
      this.#differs(`the source has ${source[kind]} ${kind}, and the target ${target[kind]}`);
    }
  }

  async #directory(owner: string, path: VirtualPath): Promise<void> {
    const { from, to } = this.both;
    const { source, target } = this.result;
    const [here, there] = [await namesOf(from, owner, path), await namesOf(to, owner, path)];
    const all = new Set([...here.files, ...there.files]);
    for (const some of inBatches([...all])) {
      const [ours, theirs] = [
        await listed(from, owner, path, some),
        await listed(to, owner, path, some),
      ];
      for (const name of some) {
        this.#file(owner, childOf(path, name), ours.get(name), theirs.get(name));
      }
    }
    target.directories += there.directories.length;
    const theirs = new Set(there.directories);
    for (const name of here.directories) {
      const at = childOf(path, name);
      if (this.leftOut.has(owner, at)) continue;
      source.directories++;
      if (!theirs.delete(name)) this.#differs(`the directory ${at} of ${owner} is missing`);
      else await this.#directory(owner, at);
    }
    for (const name of theirs) {
      this.#differs(`the directory ${childOf(path, name)} of ${owner} is not in the source`);
    }
  }

  #file(owner: string, path: VirtualPath, one: Listed | undefined, other: Listed | undefined) {
    const { source, target } = this.result;
    if (other?.record !== undefined) {
      target.files++;
      target.bytes += other.record.size;
    }
    if (this.leftOut.has(owner, path)) return;
    if (one?.record !== undefined) {
      source.files++;
      source.bytes += one.record.size;
    }
    const [a, b] = [one?.record, other?.record];
    const isSame = a?.hash === b?.hash && a?.size === b?.size && a?.storedMs === b?.storedMs &&
      one?.mode === other?.mode;
    if (a === undefined || !isSame) this.#differs(`the file ${path} of ${owner} is not the same`);
    this.progress.files++;
    this.progress.bytes += b?.size ?? 0;
  }

  #differs(sentence: string): void {
    this.result.differenceCount++;
    if (this.result.differences.length < MAX_NAMED) this.result.differences.push(sentence);
  }
}

/** Names of a directory; none where it cannot be read. */
async function namesOf(engine: Engine, owner: string, path: VirtualPath): Promise<AllNames> {
  try {
    return await allNames(engine, owner, path);
  } catch (error) {
    if (!isStoreError(error, "io", "bad-name", "denied", "not-found")) throw error;
    return { directories: [], files: [], others: [] };
  }
}

async function listed(
  { tree }: Engine,
  owner: string,
  path: VirtualPath,
  names: readonly string[],
): Promise<Map<string, Listed>> {
  const found = (await tree.list(owner, path, names)).filter(({ entry }) => entry.type === "file");
  return new Map(found.map((one) => [one.entry.name, one]));
}

async function lengthOf(list: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of list) count++;
  return count;
}
