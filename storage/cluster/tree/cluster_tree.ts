import { BoundedMap } from "../../../common/bounded_map.ts";
import { lastOf } from "../../common/name_pages.ts";
import { isFollowing, trace } from "../../common/reports.ts";
import { numbered } from "../../common/numbered.ts";
import { type Condition, currentOf } from "../../contract/condition.ts";
import type { Entry } from "../../contract/entry.ts";
import { StoreError } from "../../contract/error.ts";
import type { FileRecord } from "../../contract/file_record.ts";
import { childOf, nameOf, parentOf, type VirtualPath } from "../../contract/path.ts";
import type {
  Changed,
  Committed,
  Found,
  KnownFile,
  Listed,
  Looked,
  MoveOptions,
  NamesPage,
  NamesQuery,
  OpenFile,
  Publication,
  RemoveDirectoryOptions,
  Spot,
  Tree,
} from "../../contract/tree.ts";
import type { UploadRecord } from "../../contract/upload_record.ts";
import { uploadTag } from "../../contract/upload_tag.ts";
import { parseVersionName } from "../../contract/version_name.ts";
import { PackCache } from "../content/pack_cache.ts";
import { piecesOf } from "../content/piece.ts";
import { PiecesContent } from "../content/pieces_content.ts";
import { ClusterPart } from "../parts/cluster_part.ts";
import type { ClusterPlaces } from "../parts/places.ts";
import { TreeChanges } from "./changes.ts";
import {
  directoryAt,
  foundOf,
  isDirectory,
  type Located,
  nodeAt,
  nodeIfThere,
  type NodeRow,
  type OpenedRow,
  recordOf,
} from "./nodes.ts";
import { publishError } from "./publish_error.ts";
import { type PublishAnswer, Publisher } from "./publisher.ts";

/** Content whose CRC-32 is remembered by this worker. */
const MAX_PROVED = 10_000;

/** The accounts' trees: rows of names, by the id of their directory, that lead to content by its id. */
export class ClusterTree implements Tree {
  readonly #changes: TreeChanges;
  readonly #publisher: Publisher;
  readonly #reader: PackCache;
  /** CRC-32 by SHA-256. */
  readonly #proved = new BoundedMap<string, number>({ max: MAX_PROVED });

  /** @param doomed called once something was removed that is to be taken apart */
  constructor(private readonly places: ClusterPlaces, private readonly doomed: () => void) {
    this.#changes = new TreeChanges(places);
    this.#publisher = new Publisher(places);
    this.#reader = new PackCache(places.store);
  }

  stat(owner: string, path: VirtualPath): Promise<Entry | undefined> {
    return this.#changes.stat(owner, path);
  }

  async look(owner: string, path: VirtualPath): Promise<Looked | undefined> {
    const node = nodeIfThere(await this.#changes.located(owner, path), path);
    return node && { ...foundOf(node), mode: node.mode ?? null };
  }

  async know(owner: string, path: VirtualPath): Promise<KnownFile> {
    const { entry, record } = foundOf(nodeAt(await this.#changes.located(owner, path), path));
    if (record === undefined) throw isDirectory(path);
    return { entry, record };
  }

  async isVacant(owner: string, path: VirtualPath): Promise<boolean> {
    return await this.stat(owner, path) === undefined;
  }

  async names(owner: string, directory: VirtualPath, query: NamesQuery): Promise<NamesPage> {
    const { limit, prefix = "" } = query;
    const after = typeof query.after === "object" ? lastOf(query.after) : query.after;
    const [row] = await this.places.database.repeat((sql) =>
      sql`SELECT tree_names(${owner}, ${directory}, ${prefix}, ${after ?? null}, ${
        limit + 1
      }) AS page`
    );
    const page = row!["page"] as Located & { names: [name: string, isFile: boolean][] };
    directoryAt(page, directory);
    const some = page.names.slice(0, limit);
    const names = (files: boolean) =>
      some.filter(([, isFile]) => isFile === files).map(([name]) => name);
    return { directories: names(false), files: names(true), more: page.names.length > limit };
  }

  async entries(
    owner: string,
    directory: VirtualPath,
    names: readonly string[],
  ): Promise<Entry[]> {
    return (await this.list(owner, directory, names)).map(({ entry }) => entry);
  }

  async list(owner: string, directory: VirtualPath, names: readonly string[]): Promise<Listed[]> {
    const [row] = await this.places.database.repeat((sql) =>
      sql`SELECT tree_list(${owner}, ${directory}, ${sql.json(names as string[])}) AS list`
    );
    const list = row!["list"] as Located & { nodes: NodeRow[] };
    directoryAt(list, directory);
    return list.nodes.map((node) => {
      const { mode } = node;
      return { ...foundOf(node), ...(mode !== undefined && { mode }) };
    });
  }

  async open(owner: string, path: VirtualPath): Promise<OpenFile> {
    const [row] = await this.places.database.repeat((sql) =>
      sql`SELECT tree_open(${owner}, ${path}) AS opened`
    );
    const opened = row!["opened"] as OpenedRow;
    const node = nodeAt(opened, path);
    const record = recordOf(node);
    if (record === undefined) throw isDirectory(path);
    const content = new PiecesContent(this.#reader, piecesOf(opened.pieces!), node.mtimeMs);
    if (content.size !== record.size) {
      throw new StoreError("io", "The content's length is not the recorded one");
    }
    const crc = node.crc ?? this.#proved.get(record.hash);
    const mode = node.mode ?? null;
    return { content, record, proved: false, hashed: false, crc, mode };
  }

  async mode(owner: string, path: VirtualPath): Promise<number | undefined> {
    return nodeIfThere(await this.#changes.located(owner, path), path)?.mode;
  }

  readonly makeDirectory: Tree["makeDirectory"] = (...of) => this.#changes.makeDirectory(...of);

  async removeDirectory(
    spot: Spot,
    { recursive = false, proceed }: RemoveDirectoryOptions = {},
  ): Promise<Changed> {
    return await numbered(async (arrival) => {
      if (recursive) await proceed?.(spot);
      const changed = await this.#changes.removeDirectory(spot, recursive, arrival);
      this.doomed();
      return changed;
    });
  }

  remove(spot: Spot, condition?: Condition): Promise<Changed> {
    return numbered((arrival) => this.#changes.remove(spot, condition, arrival));
  }

  rename(from: Spot, to: Spot, options: MoveOptions): Promise<Changed> {
    return numbered((arrival) => this.#changes.rename(from, to, options, arrival));
  }

  async retime(spot: Spot, mtimeMs: number, condition?: Condition): Promise<number> {
    await this.#changes.retime(spot, mtimeMs, condition);
    return mtimeMs;
  }

  setMode(spot: Spot, mode: number): Promise<void> {
    return this.#changes.setMode(spot, mode);
  }

  async noteDamage(
    owner: string,
    path: VirtualPath,
    { tag: _, ...record }: FileRecord,
    damaged: boolean,
  ): Promise<void> {
    await this.places.database.repeat((sql) =>
      sql`SELECT tree_note_damage(${owner}, ${path}, ${sql.json({ ...record })}, ${damaged})`
    );
  }

  noteProved({ hash }: FileRecord, crc: number): Promise<void> {
    this.#proved.set(hash, crc);
    return Promise.resolve();
  }

  hold<T>(spot: Spot, work: (found: Found) => Promise<T>): Promise<T> {
    return this.#changes.hold(spot, work);
  }

  async publish({ part, condition, ...publication }: Publication): Promise<Committed> {
    if (!(part instanceof ClusterPart)) throw new TypeError("The part is one of another engine");
    const { record } = part;
    const { owner, path } = record;
    await this.places.step?.("publish: verified");
    while (true) {
      let seen: NodeRow | undefined;
      if (condition !== undefined) {
        seen = nodeIfThere(await this.#changes.located(owner, path), path);
        condition.check(currentOf(seen && recordOf(seen)));
      }
      const item = itemOf(record, part.recorded, publication, condition !== undefined, seen);
      const answer = await this.#publisher.publish(part, item, publication.size);
      if (answer.changed) continue; // it was changed since the condition was checked
      if (answer.error !== undefined) throw publishError(answer, record);
      if (isFollowing()) trace("commit", "live", { upload: record.id, path });
      await this.places.step?.("publish: live");
      return committedOf({ ...answer, storedMs: publication.storedMs ?? answer.storedMs }, path);
    }
  }

  async stored(
    owner: string,
    path: VirtualPath,
    tag: string,
    hash: string,
  ): Promise<Committed | undefined> {
    const { stem, extension } = parseVersionName(nameOf(path));
    const rows = await this.places.database.repeat((sql) =>
      sql`SELECT tree_stored(${owner}, ${path}, ${tag}, ${hash}, ${stem}, ${extension}) AS file`
    );
    const file = rows[0]?.["file"] as PublishAnswer | null | undefined;
    return file ? committedOf(file, path) : undefined;
  }

  /** Resolves once nothing is being published. */
  idle(): Promise<void> {
    return this.#publisher.idle();
  }
}

function itemOf(
  record: UploadRecord,
  recorded: boolean,
  { size, hash, crc, key, occupied, arrival, storedMs }: Omit<Publication, "part" | "condition">,
  pinned: boolean,
  seen: NodeRow | undefined,
) {
  const { id, account, writer, path, mtimeMs, updatedMs, mode, spelling, ifExists, appendsTo } =
    record;
  const { stem, extension } = parseVersionName(nameOf(path));
  return {
    ...{ id, path, size, hash, mtimeMs, updatedMs, ifExists, appendsTo, stem, extension, pinned },
    account,
    writer: recorded ? writer : null,
    directory: parentOf(path),
    name: nameOf(path),
    crc: crc ?? null,
    mode: mode ?? null,
    spelling: spelling ?? null,
    tag: key === undefined ? null : uploadTag(record, key),
    occupied: occupied ?? false,
    arrival: arrival ?? null,
    storedMs: storedMs ?? null,
    seen: seen ?? null,
    again: false,
  };
}

function committedOf(answer: PublishAnswer, path: VirtualPath): Committed {
  const { name, size, hash, mtimeMs, storedMs, damaged, repeated } = answer;
  const { version } = parseVersionName(name);
  return {
    ...{ size, hash, mtimeMs, storedMs, damaged, version },
    path: childOf(parentOf(path), name),
    ...(repeated === true && { repeated }),
  };
}
