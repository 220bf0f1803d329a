import { agreeingPrefixes } from "../common/agreeing_prefixes.ts";
import type { Content } from "../contract/entry.ts";
import type {
  OpenedPart,
  PartContent,
  Parts,
  SafePrefix,
  TakenUpload,
  UploadFilter,
} from "../contract/parts.ts";
import { parentOf, type VirtualPath } from "../contract/path.ts";
import { takenOver } from "../contract/taken_over.ts";
import type {
  BoundedPage,
  NewUpload,
  UploadPage,
  UploadRecord,
  WriterToken,
} from "../contract/upload_record.ts";
import { MemoryPart } from "./memory_part.ts";
import type { MemoryPlaces } from "./places.ts";
import { cut, SegmentContent } from "./segments.ts";
import type { MemoryTables } from "./tables.ts";
import { isAmong, listUploads, recordOfUpload, reserve } from "./uploads.ts";

/** Unfinished uploads: rows with numbered writers, whose content is in objects. */
export class MemoryParts implements Parts {
  readonly #tables: MemoryTables;

  constructor(private readonly places: MemoryPlaces) {
    this.#tables = places.database.tables;
  }

  begin(
    upload: NewUpload,
    id = crypto.randomUUID().replaceAll("-", ""),
  ): Promise<PartContent> {
    const { holder } = this.places;
    const record = { id, ...upload, offsetBytes: 0, offsetHash: null, writer: 1, holder };
    return this.places.run(false, () => new MemoryPart(this.places, record));
  }

  take(id: string): Promise<TakenUpload | undefined> {
    const { run, holder } = this.places;
    return run(true, () => {
      const before = this.#tables.uploads.get(id);
      if (before === undefined) return undefined;
      const upload = { ...before, writer: before.writer + 1, holder };
      this.#tables.uploads.set(id, upload);
      const stopped = before.holder === null || before.holder === holder;
      return { record: recordOfUpload(upload), stopped };
    });
  }

  async open({ record }: TakenUpload, maxBytes = Infinity): Promise<OpenedPart> {
    const { run, database: { objects } } = this.places;
    try {
      const upload = await run(false, () => this.#tables.ofWriter(record));
      if (upload === undefined) throw takenOver(record.id);
      const stored = new SegmentContent(objects, upload.segments, 0);
      const { safe, hash } = await agreeingPrefixes(
        stored,
        stored.size,
        upload.safe,
        maxBytes,
      );
      const offset = safe.at(-1)?.offset ?? 0;
      const segments = cut(upload.segments, offset);
      const offsetHash = safe.at(-1)?.hash ?? null;
      const change = { segments, safe, offsetBytes: offset, offsetHash };
      const isMine = await run(true, () => this.#tables.changeUpload(record, change));
      if (!isMine) throw takenOver(record.id);
      const resumed = { ...record, offsetBytes: offset, offsetHash };
      const content = new MemoryPart(this.places, resumed, { segments, safe });
      return { content, offset, hash: Promise.resolve(hash) };
    } catch (error) {
      await run(false, () => this.#tables.changeUpload(record, { holder: null }));
      throw error;
    }
  }

  async drop({ record }: TakenUpload): Promise<void> {
    await this.places.run(true, () => {
      const upload = this.#tables.ofWriter(record);
      if (upload !== undefined) this.#tables.dropUpload(upload);
    });
  }

  get(id: string): Promise<UploadRecord | undefined> {
    return this.places.run(false, () => {
      const upload = this.#tables.uploads.get(id);
      return upload && recordOfUpload(upload);
    });
  }

  list(which: UploadFilter, page?: UploadPage): Promise<UploadRecord[]> {
    return this.places.run(false, () => listUploads(this.#tables, isAmong(which), page));
  }

  to(owner: string, path: VirtualPath, page: BoundedPage): Promise<UploadRecord[]> {
    const isTo = (upload: UploadRecord) => upload.owner === owner && upload.path === path;
    return this.places.run(false, () => listUploads(this.#tables, isTo, page));
  }

  in(
    account: string,
    directory: VirtualPath,
    { after, count }: { after: string; count: number },
  ): Promise<UploadRecord[]> {
    return this.places.run(
      false,
      () =>
        listUploads(this.#tables, (upload) =>
          upload.account === account && upload.id > after &&
          parentOf(upload.shownPath) === directory)
          .sort((a, b) => a.id < b.id ? -1 : 1)
          .slice(0, count),
    );
  }

  totals(): Promise<{ uploads: number; offsetBytes: number }> {
    return this.places.run(false, () => {
      const uploads = this.#tables.uploads.values();
      const offsetBytes = uploads.reduce((sum, upload) => sum + upload.offsetBytes, 0);
      return { uploads: uploads.length, offsetBytes };
    });
  }

  safe({ id }: UploadRecord): Promise<SafePrefix | undefined> {
    return this.places.run(false, () => this.#tables.uploads.get(id)?.safe.at(-1));
  }

  async read({ id, offsetBytes, updatedMs }: UploadRecord): Promise<Content | undefined> {
    const { run, database: { objects } } = this.places;
    const upload = await run(false, () => this.#tables.uploads.get(id));
    if (upload === undefined || offsetBytes === 0) return undefined;
    return new SegmentContent(objects, cut(upload.segments, offsetBytes), updatedMs);
  }

  async state({ id }: UploadRecord): Promise<"there" | "short" | "gone"> {
    const upload = await this.places.run(false, () => this.#tables.uploads.get(id));
    if (upload === undefined) return "gone";
    for (const { object } of upload.segments) {
      if (!await this.places.database.objects.has(object)) return "short";
    }
    return "there";
  }

  reserve(token: WriterToken, bytes: number): Promise<boolean> {
    return this.places.run(false, () => {
      const upload = this.#tables.ofWriter(token);
      return upload !== undefined && reserve(this.#tables, upload, bytes);
    });
  }
}
