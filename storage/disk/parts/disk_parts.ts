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
import type {
  BoundedPage,
  NewUpload,
  UploadPage,
  UploadRecord,
  WriterToken,
} from "../../contract/upload_record.ts";
import { retryUntil } from "../../common/retry.ts";
import type { Places } from "../interfaces/places.ts";
import { partState } from "./gone_parts.ts";
import { lastSafe } from "./checkpoint.ts";
import { DiskPart } from "./disk_part.ts";
import { newPartId, partTagOf } from "./part_id.ts";
import { reopen } from "./reopen.ts";

/** Unfinished uploads: parts and checkpoints in files, records in the catalog. */
export class DiskParts implements Parts {
  readonly #tag: string;

  constructor(private readonly places: Places) {
    this.#tag = partTagOf(places.holder);
  }

  begin(upload: NewUpload, id = newPartId(this.#tag)): Promise<PartContent> | PartContent {
    // The object itself, which is the caller's no more: a copy of it for every small file is slow.
    const record: UploadRecord = Object.assign(upload, {
      id,
      offsetBytes: 0,
      offsetHash: null,
      writer: 1,
      holder: this.places.holder,
    });
    const made = this.places.store.createPart(record.owner, record.id);
    if (!(made instanceof Promise)) return new DiskPart(this.places, record, made);
    return made.then((file) => new DiskPart(this.places, record, file));
  }

  async take(id: string): Promise<TakenUpload | undefined> {
    const { catalog, holder } = this.places;
    const answer = await retryUntil(async () => {
      const before = await catalog.upload(id);
      if (before === undefined) return "unknown";
      const record = await catalog.takeUpload(id, holder, before.writer);
      if (record === "unknown") return record;
      if (typeof record === "string") return undefined;
      // This worker's own writer was waited for.
      return { record, stopped: before.holder === null || before.holder === holder };
    });
    if (answer === undefined) {
      throw new StoreError("io", "The upload is being finished; try again", { uploadId: id });
    }
    return answer === "unknown" ? undefined : answer;
  }

  async open({ record, stopped }: TakenUpload, maxBytes = Infinity): Promise<OpenedPart> {
    try {
      return await reopen(this.places, record, { maxBytes, apart: !stopped });
    } catch (error) {
      await this.places.catalog.releaseUpload(record);
      throw error;
    }
  }

  async drop({ record }: TakenUpload): Promise<void> {
    await this.places.store.removePart(record.owner, record.id);
    await this.places.catalog.removeUpload(record);
  }

  get(id: string): Promise<UploadRecord | undefined> {
    return this.places.catalog.upload(id);
  }

  list(which: UploadFilter, page?: UploadPage): Promise<UploadRecord[]> {
    const { catalog } = this.places;
    if (which.by === "guests") return catalog.guestUploads(which.owner, page);
    return catalog.uploads(which.by === "account" ? which.account : undefined, page);
  }

  to(owner: string, path: VirtualPath, page: BoundedPage): Promise<UploadRecord[]> {
    return this.places.catalog.uploadsTo(owner, path, page);
  }

  in(
    account: string,
    directory: VirtualPath,
    page: { after: string; count: number },
  ): Promise<UploadRecord[]> {
    return this.places.catalog.uploadsIn(account, directory, page);
  }

  totals(): Promise<{ uploads: number; offsetBytes: number }> {
    return this.places.catalog.uploadTotals();
  }

  async safe(record: UploadRecord): Promise<SafePrefix | undefined> {
    return lastSafe(record, await this.places.store.loadCheckpoint(record.owner, record.id));
  }

  async read(record: UploadRecord): Promise<Content | undefined> {
    const { store } = this.places;
    const { offset } = await this.safe(record) ?? { offset: 0 };
    if (offset === 0) return undefined;
    const file = await store.openPart(record.owner, record.id);
    const within = (into: Uint8Array, from: number) =>
      into.subarray(0, Math.max(0, Math.min(into.length, offset - from)));
    return {
      size: offset,
      mtimeMs: record.updatedMs,
      read: async (into, from) => await file.read(within(into, from), from),
      readAsync: (into, from) => file.readAsync(within(into, from), from),
      close: () => file.close(),
    };
  }

  state(record: UploadRecord): Promise<"there" | "short" | "gone"> {
    return partState(this.places.store, record);
  }

  reserve(token: WriterToken, bytes: number): Promise<boolean> {
    return this.places.catalog.reserve(token, bytes);
  }
}
