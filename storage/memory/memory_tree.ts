import { lastOf } from "../common/name_pages.ts";
import { assertSpelled } from "../common/spelling.ts";
import { numbered } from "../common/numbered.ts";
import { type Condition, currentOf } from "../contract/condition.ts";
import type { Entry } from "../contract/entry.ts";
import { notFound } from "../contract/error.ts";
import { type FileRecord, isSameRecord } from "../contract/file_record.ts";
import { compareCodePoints, type VirtualPath } from "../contract/path.ts";
import type {
  Changed,
  Committed,
  Found,
  KnownFile,
  Listed,
  MoveOptions,
  NamesPage,
  NamesQuery,
  OpenFile,
  Publication,
  RemoveDirectoryOptions,
  Spot,
  Tree,
} from "../contract/tree.ts";
import { drop, makeDirectory, move, removableFile, removeDirectory } from "./changes.ts";
import {
  childrenOf,
  directoryAt,
  existing,
  find,
  findIfThere,
  foundOf,
  isDirectory,
  recordOf,
} from "./names.ts";
import { assertUncovered } from "./accounts/locks.ts";
import { MemoryPart } from "./memory_part.ts";
import { type MemoryPlaces, whenFree } from "./places.ts";
import { isSame, publish, stored } from "./publish.ts";
import { SegmentContent } from "./segments.ts";
import { type MemoryTables, type Node, nodeKey } from "./tables.ts";

/** The accounts' trees: rows of names that lead to content by its id. */
export class MemoryTree implements Tree {
  readonly #tables: MemoryTables;

  constructor(private readonly places: MemoryPlaces) {
    this.#tables = places.database.tables;
  }

  async stat(owner: string, path: VirtualPath): Promise<Entry | undefined> {
    return (await this.look(owner, path))?.entry;
  }

  look(owner: string, path: VirtualPath): Promise<Found | undefined> {
    return this.places.run(false, () => {
      const node = findIfThere(this.#tables, owner, path);
      return node && foundOf(node);
    });
  }

  know(owner: string, path: VirtualPath): Promise<KnownFile> {
    return this.places.run(false, () => {
      const { entry, record } = foundOf(existing(this.#tables, owner, path));
      if (record === undefined) throw isDirectory(path);
      return { entry, record };
    });
  }

  async isVacant(owner: string, path: VirtualPath): Promise<boolean> {
    return await this.stat(owner, path) === undefined;
  }

  /** By the name behind which a page begins, as a database finds it. */
  names(owner: string, directory: VirtualPath, query: NamesQuery): Promise<NamesPage> {
    const { limit, prefix = "" } = query;
    const after = typeof query.after === "object" ? lastOf(query.after) : query.after;
    return this.places.run(false, () => {
      const nodes = childrenOf(this.#tables, directoryAt(this.#tables, owner, directory))
        .filter(({ name }) => name.startsWith(prefix))
        .filter(({ name }) => after === undefined || compareCodePoints(name, after) > 0)
        .sort((a, b) => compareCodePoints(a.name, b.name));
      const some = nodes.slice(0, limit);
      const names = (type: Node["type"]) =>
        some.filter((node) => node.type === type).map(({ name }) => name);
      const more = nodes.length > limit;
      return { directories: names("directory"), files: names("file"), more };
    });
  }

  async entries(
    owner: string,
    directory: VirtualPath,
    names: readonly string[],
  ): Promise<Entry[]> {
    return (await this.list(owner, directory, names)).map(({ entry }) => entry);
  }

  list(owner: string, directory: VirtualPath, names: readonly string[]): Promise<Listed[]> {
    return this.places.run(false, () => {
      const { id } = directoryAt(this.#tables, owner, directory);
      return names.flatMap((name) => {
        const node = this.#tables.nodes.get(nodeKey(id, name));
        if (node === undefined) return [];
        return [{ ...foundOf(node), ...(node.mode !== undefined && { mode: node.mode }) }];
      });
    });
  }

  open(owner: string, path: VirtualPath): Promise<OpenFile> {
    const { readers, objects } = this.places.database;
    return this.places.run(false, () => {
      const node = existing(this.#tables, owner, path);
      if (node.type === "directory") throw isDirectory(path);
      const { segments } = this.#tables.contents.get(node.content)!;
      const count = (by: number) => {
        for (const { object } of segments) readers.set(object, (readers.get(object) ?? 0) + by);
      };
      count(1);
      const content = new SegmentContent(objects, segments, node.mtimeMs, () => count(-1));
      return { content, record: recordOf(node)!, proved: false, hashed: false, crc: node.crc };
    });
  }

  mode(owner: string, path: VirtualPath): Promise<number | undefined> {
    return this.places.run(false, () => findIfThere(this.#tables, owner, path)?.mode);
  }

  makeDirectory(
    owner: string,
    path: VirtualPath,
    spelling?: string,
    account?: string,
  ): Promise<void> {
    return this.places.run(true, () => {
      assertUncovered(this.#tables, { owner, path, shown: path, account });
      makeDirectory(this.#tables, owner, path, spelling);
    });
  }

  removeDirectory(
    spot: Spot,
    { recursive = false, proceed }: RemoveDirectoryOptions = {},
  ): Promise<Changed> {
    return numbered(async (arrival) => {
      if (recursive) await proceed?.(spot);
      const remove = () => removeDirectory(this.#tables, spot, recursive, arrival);
      return await whenFree(this.places, spot.owner, [spot.path], remove);
    });
  }

  remove(spot: Spot, condition?: Condition): Promise<Changed> {
    const { owner, path } = spot;
    return numbered((arrival) =>
      this.#onCondition(spot, condition, (node) => {
        removableFile(this.#tables, spot);
        if (condition === undefined) {
          this.#tables.removals.set(`${owner}:${path}`, { owner, path, arrival });
        }
        return drop(this.#tables, owner, path, node);
      })
    );
  }

  rename(from: Spot, to: Spot, options: MoveOptions): Promise<Changed> {
    return numbered(async (arrival) => {
      await assertSpelled(this, to, from.path === to.path ? undefined : options.spelling);
      return await this.#onCondition(
        from,
        options.condition,
        () => move(this.#tables, from, to, options, arrival),
        [to.path],
      );
    });
  }

  async retime(spot: Spot, mtimeMs: number, condition?: Condition): Promise<number> {
    const { type } = (await this.look(spot.owner, spot.path))?.entry ?? {};
    const onFile = type === "file" ? condition : undefined;
    await this.#onCondition(spot, onFile, (node) => {
      assertUncovered(this.#tables, spot);
      this.#change({ ...node, mtimeMs });
      return {};
    });
    return mtimeMs;
  }

  async setMode(spot: Spot, mode: number): Promise<void> {
    await this.places.run(true, () => {
      assertUncovered(this.#tables, spot);
      this.#change({ ...existing(this.#tables, spot.owner, spot.path), mode });
    });
  }

  async noteDamage(
    owner: string,
    path: VirtualPath,
    record: FileRecord,
    damaged: boolean,
  ): Promise<void> {
    await this.places.run(false, () => {
      const node = findIfThere(this.#tables, owner, path);
      if (node?.type !== "file" || !isSameRecord(recordOf(node), record)) return;
      this.#change({ ...node, damaged });
    });
  }

  async noteProved({ hash }: FileRecord, crc: number): Promise<void> {
    await this.places.run(false, () => {
      this.#tables.nodes.update((node) =>
        node.type === "file" && node.hash === hash ? { ...node, crc } : node
      );
    });
  }

  async hold<T>(spot: Spot, work: (found: Found) => Promise<T>): Promise<T> {
    const { run, holder } = this.places;
    const { owner, path } = spot;
    const { holds } = this.#tables;
    const id = crypto.randomUUID();
    const found = await whenFree(this.places, owner, [path], () => {
      const node = findIfThere(this.#tables, owner, path);
      if (node === undefined) throw notFound(spot.shown);
      holds.set(id, { id, owner, path, holder });
      return foundOf(node);
    });
    try {
      return await work(found);
    } finally {
      await run(false, () => holds.delete(id));
    }
  }

  async publish({ part, condition, ...publication }: Publication): Promise<Committed> {
    if (!(part instanceof MemoryPart)) throw new TypeError("The part is one of another engine");
    const { record, recorded } = part;
    const { run, step } = this.places;
    await step?.("publish: verified");
    const segments = await part.seal(publication.size);
    await step?.("publish: content is stored");
    while (true) {
      let seen: Node | undefined | null = null;
      if (condition !== undefined) {
        seen = await run(false, () => findIfThere(this.#tables, record.owner, record.path));
        condition.check(currentOf(seen && recordOf(seen)));
      }
      const sealed = { ...publication, record, recorded, segments, seen };
      const committed = await run(true, () => publish(this.#tables, sealed));
      if (committed === undefined) continue; // it was changed since the condition was checked
      await step?.("publish: live");
      return committed;
    }
  }

  stored(
    owner: string,
    path: VirtualPath,
    tag: string,
    hash: string,
  ): Promise<Committed | undefined> {
    return this.places.run(false, () => stored(this.#tables, owner, path, tag, hash));
  }

  /** Makes a change, where a condition allows it, of just the state that the condition was checked on. */
  async #onCondition<T extends object>(
    { owner, path, shown }: Spot,
    condition: Condition | undefined,
    change: (node: Node) => T,
    otherPaths: readonly VirtualPath[] = [],
  ): Promise<T> {
    const now = () => {
      const node = find(this.#tables, owner, path);
      if (node === undefined) throw notFound(shown);
      return node;
    };
    while (true) {
      let seen: Node | undefined;
      if (condition !== undefined) {
        seen = await this.places.run(false, now);
        condition.check(
          seen.type === "directory" ? { type: "directory" } : currentOf(recordOf(seen)),
        );
      }
      const outcome = await whenFree(this.places, owner, [path, ...otherPaths], () => {
        const node = now();
        if (condition !== undefined && !isSame(node, seen)) return { changed: true as const };
        return { done: change(node) };
      });
      if ("done" in outcome) return outcome.done;
    }
  }

  #change(node: Node): void {
    this.#tables.nodes.set(nodeKey(node.parent, node.name), node);
  }
}
