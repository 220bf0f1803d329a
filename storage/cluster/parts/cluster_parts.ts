import type { Content } from "../../contract/entry.ts";
import { StoreError } from "../../contract/error.ts";
import type {
  OpenedPart,
  PartContent,
  Parts,
  SafePrefix,
  TakenUpload,
  UploadFilter,
} from "../../contract/parts.ts";
import type { VirtualPath } from "../../contract/path.ts";
import { takenOver } from "../../contract/taken_over.ts";
import type {
  BoundedPage,
  NewUpload,
  UploadRecord,
  WriterToken,
} from "../../contract/upload_record.ts";
import { endOf, objectsOf, type PieceRow, piecesOf, slicePieces } from "../content/piece.ts";
import { PiecesContent } from "../content/pieces_content.ts";
import type { Sql } from "../postgres/database.ts";
import { ClusterPart } from "./cluster_part.ts";
import type { ClusterPlaces } from "./places.ts";
import { cutToSound, verifyPrefix } from "./verify_prefix.ts";

/** An upload's record with its safe content, as the database lists them. */
interface ContentRow {
  readonly upload: UploadRecord;
  readonly pieces: readonly PieceRow[];
}

/** Unfinished uploads: rows with numbered writers, whose content is in objects. */
export class ClusterParts implements Parts {
  constructor(private readonly places: ClusterPlaces) {}

  begin(
    upload: NewUpload,
    id = crypto.randomUUID().replaceAll("-", ""),
  ): Promise<PartContent> {
    const { holder } = this.places;
    const record = { id, ...upload, offsetBytes: 0, offsetHash: null, writer: 1, holder };
    return Promise.resolve(new ClusterPart(this.places, record));
  }

  async take(id: string): Promise<TakenUpload | undefined> {
    if (!isId(id)) return undefined;
    const { database, lease, holder } = this.places;
    await lease.held();
    const [row] = await database.repeat((sql) =>
      sql`SELECT upload_take(${id}, ${holder}) AS taken`
    );
    const taken = row!["taken"] as { upload: UploadRecord; before: string | null } | null;
    if (taken === null) return undefined;
    const stopped = taken.before === null || taken.before === holder;
    return { record: taken.upload, stopped };
  }

  /**
   * Opens the upload by what is recorded of it, and reads the content meanwhile: where that is damaged,
   * the upload is cut back to the last checkpoint before.
   */
  async open({ record }: TakenUpload, maxBytes = Infinity): Promise<OpenedPart> {
    const { id, writer } = record;
    try {
      const found = await this.#content(id);
      if (found === undefined || found.upload.writer !== writer) throw takenOver(id);
      const all = piecesOf(found.pieces);
      const offset = Math.min(endOf(all), maxBytes);
      const noted = offset < endOf(all) ? await this.#cut(record, offset) : offset;
      const pieces = slicePieces(all, 0, offset);
      const safe = pieces.findLast((piece) => piece.start + piece.size === noted)?.hash ?? null;
      const resumed = { ...found.upload, offsetBytes: noted, offsetHash: safe };
      const content = new ClusterPart(this.places, resumed, { pieces, noted });
      const hash = verifyPrefix(this.places, pieces, () => content.isLeft).catch(async (error) => {
        if (content.isLeft) throw error;
        throw await cutToSound(this.places, record, error);
      });
      hash.catch(() => {}); // its caller awaits it later
      const prefixHash = noted === offset && safe !== null ? safe : undefined;
      return { content, offset, hash, prefixHash };
    } catch (error) {
      await this.#release(record).catch(() => {}); // the first error is reported
      throw error;
    }
  }

  async drop({ record: { id, writer } }: TakenUpload): Promise<void> {
    await this.places.database.repeat((sql) => sql`SELECT upload_drop(${id}, ${writer})`);
  }

  async get(id: string): Promise<UploadRecord | undefined> {
    if (!isId(id)) return undefined;
    const rows = await this.places.database.repeat((sql) =>
      sql`SELECT upload_json(u) AS upload FROM uploads u WHERE id = ${id}`
    );
    return uploadsOf(rows)[0];
  }

  async list(which: UploadFilter, page: BoundedPage): Promise<UploadRecord[]> {
    const account = which.by === "account" ? which.account : null;
    const owner = which.by === "guests" ? which.owner ?? null : null;
    const rows = await this.places.database.repeat((sql) =>
      sql`SELECT upload_json(u) AS upload FROM uploads u
        WHERE (${account}::text IS NULL OR u.account = account_id(${account}))
          AND (NOT ${which.by === "guests"}::boolean OR u.account <> u.owner)
          AND (${owner}::text IS NULL OR u.owner = account_id(${owner}))
          AND ${pageOf(sql, page)}`
    );
    return uploadsOf(rows);
  }

  async to(owner: string, path: VirtualPath, page: BoundedPage): Promise<UploadRecord[]> {
    const rows = await this.places.database.repeat((sql) =>
      sql`SELECT upload_json(u) AS upload FROM uploads u
        WHERE u.owner = account_id(${owner}) AND u.path = ${path}
          AND ${pageOf(sql, page)}`
    );
    return uploadsOf(rows);
  }

  async in(
    account: string,
    directory: VirtualPath,
    { after, count }: { after: string; count: number },
  ): Promise<UploadRecord[]> {
    const within = directory === "/" ? "/" : `${directory}/`;
    const behind = isId(after) ? after : null;
    const rows = await this.places.database.repeat((sql) =>
      sql`SELECT upload_json(u) AS upload FROM uploads u
        WHERE u.account = account_id(${account}) AND starts_with(u.shown_path, ${within})
          AND strpos(substr(u.shown_path, length(${within}) + 1), '/') = 0
          AND (${behind}::uuid IS NULL OR u.id > ${behind}::uuid)
        ORDER BY u.id LIMIT ${count}`
    );
    return uploadsOf(rows);
  }

  async totals(): Promise<{ uploads: number; offsetBytes: number }> {
    const [row] = await this.places.database.repeat((sql) =>
      sql`SELECT count(*) AS uploads, coalesce(sum(offset_bytes), 0)::bigint AS bytes FROM uploads`
    );
    return { uploads: row!["uploads"] as number, offsetBytes: row!["bytes"] as number };
  }

  async safe({ id }: UploadRecord): Promise<SafePrefix | undefined> {
    const upload = await this.get(id);
    if (upload === undefined || upload.offsetHash === null) return undefined;
    return { offset: upload.offsetBytes, hash: upload.offsetHash };
  }

  async read({ id, offsetBytes, updatedMs }: UploadRecord): Promise<Content | undefined> {
    const found = await this.#content(id);
    if (found === undefined || offsetBytes === 0) return undefined;
    const pieces = slicePieces(piecesOf(found.pieces), 0, offsetBytes);
    return new PiecesContent(this.places.store, pieces, updatedMs);
  }

  async state({ id }: UploadRecord): Promise<"there" | "short" | "gone"> {
    const found = await this.#content(id);
    if (found === undefined) return "gone";
    const missing = new Set(objectsOf(piecesOf(found.pieces)));
    let next: string | undefined;
    do {
      const page = await this.places.store.list(`content/${id}/`, { after: next });
      for (const { key } of page.objects) missing.delete(key);
      next = page.next;
    } while (next !== undefined && missing.size > 0);
    for (const key of missing) {
      if (await this.places.store.head(key) === undefined) return "short";
    }
    return "there";
  }

  async reserve({ id, writer }: WriterToken, bytes: number): Promise<boolean> {
    const [row] = await this.places.database.repeat((sql) =>
      sql`SELECT upload_reserve(${id}, ${writer}, ${bytes}) AS fits`
    );
    return row!["fits"] as boolean;
  }

  async #content(id: string): Promise<ContentRow | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.places.database.repeat((sql) =>
      sql`SELECT upload_content(${id}) AS content`
    );
    return (row!["content"] as ContentRow | null) ?? undefined;
  }

  async #cut({ id, writer }: WriterToken, maxBytes: number): Promise<number> {
    const [row] = await this.places.database.repeat((sql) =>
      sql`SELECT upload_cut(${id}, ${writer}, ${maxBytes}) AS bytes`
    );
    const bytes = row!["bytes"] as number | null;
    if (bytes === null) throw takenOver(id);
    return bytes;
  }

  async #release({ id, writer, offsetBytes }: UploadRecord): Promise<void> {
    await this.places.database.repeat((sql) =>
      sql`SELECT upload_release(${id}, ${writer}, ${offsetBytes})`
    );
  }
}

/** Whether the database can have an upload of this id: others are asked for by mistake. */
function isId(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id);
}

function uploadsOf(rows: Iterable<Record<string, unknown>>): UploadRecord[] {
  return Array.from(rows, (row) => {
    if (row["upload"] === null) throw new StoreError("io", "An upload has no account");
    return row["upload"] as UploadRecord;
  });
}

/** The end of a condition on uploads `u`: those of a page, the latest first. */
function pageOf(sql: Sql, { after, count }: BoundedPage) {
  const [ms, id] = [after?.updatedMs ?? null, after?.id ?? null];
  return sql`(${id}::uuid IS NULL OR (u.updated_ms, u.id) < (${ms}::bigint, ${id}::uuid))
    ORDER BY u.updated_ms DESC, u.id DESC LIMIT ${count}`;
}
