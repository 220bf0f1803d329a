import {
  type CommitAnswer,
  type CommitIntent,
  type FileRecord,
  type FoundFile,
  type MoveIntent,
  type TakeRefusal,
  type UploadPage,
  type UploadRecord,
  type WriterToken,
} from "../../../storage/disk/interfaces/disk_catalog.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { isSameRecord } from "../../../storage/disk/interfaces/intents.ts";
import {
  compareCodePoints,
  isWithin,
  nameOf,
  parentOf,
  type VirtualPath,
} from "../../../storage/contract/path.ts";
import { type FileState, isTrueOf } from "../../../storage/contract/entry.ts";
import { parseVersionName, sameFamily } from "../../../storage/contract/version_name.ts";
import { covering } from "../../../storage/memory/accounts/locks.ts";
import { isRelated, moveKey, recordOf } from "./keys.ts";
import { DiskTables, type KeptCommit, type KeptUpload } from "./disk_tables.ts";
import { moveValues } from "./path_values.ts";

/** Records of the catalog in memory: files, uploads and intents. */
export class Books extends DiskTables {
  /** An unfinished upload of this writer. */
  ofWriter({ id, writer }: WriterToken): KeptUpload | undefined {
    const upload = this.uploads.get(id);
    return upload?.writer === writer && !upload.finished ? upload : undefined;
  }

  /** Changes an unfinished upload. @returns whether it is this writer's */
  changeUpload(token: WriterToken, change: Partial<UploadRecord>): boolean {
    const upload = this.ofWriter(token);
    if (upload) this.uploads.set(token.id, { ...upload, ...change });
    return upload !== undefined;
  }

  take(id: string, holder: string, ofWriter?: number): UploadRecord | TakeRefusal {
    const record = this.unfinished().find((upload) => upload.id === id);
    if (record === undefined) return "unknown";
    if (this.commits.values().some(({ uploadId }) => uploadId === id)) return "committing";
    if (ofWriter !== undefined && ofWriter !== record.writer) return "taken";
    const turn = { writer: record.writer + 1, holder };
    this.uploads.set(id, { ...this.uploads.get(id)!, ...turn });
    return { ...record, ...turn };
  }

  /** The state of the claims that cover a path; undefined where none does. */
  covering(owner: string, path: VirtualPath, but = ""): "waiting" | "ready" | undefined {
    const claims = this.claims.values().filter((claim) =>
      claim.owner === owner && claim.id !== but && claim.paths.some((at) => isRelated(at, path))
    );
    if (claims.length === 0) return undefined;
    return claims.some(({ ready }) => ready) ? "ready" : "waiting";
  }

  /** Whether a path is being changed or published, or one above or below it. */
  isBusy(owner: string, path: VirtualPath): boolean {
    return this.covering(owner, path) !== undefined ||
      this.commits.values().some((at) => at.owner === owner && isRelated(at.path, path));
  }

  #isClaimed({ owner, path, uploadId }: CommitIntent): boolean {
    const state = this.covering(owner, path);
    const begun = () =>
      this.commits.values().some((at) => at.owner === owner && at.uploadId === uploadId);
    return state === "ready" || (state === "waiting" && !begun());
  }

  #isLocked({ owner, path, requested = path, account }: CommitIntent): boolean {
    if (account === undefined) return false;
    return [path, requested].some((at) => covering(this, owner, at, account) !== undefined);
  }

  #isLate({ owner, path, replace, pinned, arrival }: CommitIntent): boolean {
    if (!replace || pinned || arrival === undefined) return false;
    return (this.arrivals.get(owner + path)?.arrival ?? 0) > arrival;
  }

  #arrive(key: string, arrival = 0): void {
    const before = this.arrivals.get(key)?.arrival ?? 0;
    this.arrivals.set(key, { arrival: Math.max(before, arrival) });
  }

  begin(intent: CommitIntent): CommitAnswer {
    const { owner, path, uploadId, replace, file, reservedBytes, writer } = intent;
    if (writer !== null && !this.ofWriter({ id: uploadId, writer })) return "lost";
    if (this.#isLocked(intent)) return "locked";
    if (this.#isClaimed(intent)) return "claimed";
    if (this.#isLate(intent)) return "late";
    const standing = this.standing(owner, path);
    if (standing && standing.uploadId !== uploadId) return "taken";
    const upload = this.uploads.get(uploadId);
    const reserved = upload?.owner === owner ? Math.min(reservedBytes, upload.reservedBytes) : 0;
    const freed = replace ? this.files.get(owner + path)?.size ?? 0 : 0;
    const heldBytes = Math.max(0, file.size - reserved - freed);
    const isOver = !this.fits(owner, heldBytes) || this.overfills(owner, file.size - freed);
    if (isOver) return "over-quota";
    this.commits.set(owner + path, { ...intent, file: recordOf(file), heldBytes });
    return "ready";
  }

  /** Makes the file of an intent live. @returns whether the intent was noted */
  finish(intent: CommitIntent): boolean {
    const { owner, path, uploadId, file, mode, spelling, arrival } = intent;
    if (this.standing(owner, path)?.uploadId !== uploadId) return false;
    this.commits.delete(owner + path);
    this.putFile(owner, path, file);
    this.#arrive(owner + path, arrival);
    const note = { owner, path };
    if (mode !== undefined) this.modes.set(owner + path, { ...note, value: mode });
    if (spelling !== undefined) this.spellings.set(owner + path, { ...note, value: spelling });
    // As in SQLite: an upload without a record has no writer, and nothing is reserved for it.
    const isRecorded = intent.writer !== null || intent.reservedBytes > 0;
    const upload = isRecorded ? this.uploads.get(uploadId) : undefined;
    const freed = { reservedBytes: 0, coveredBytes: 0 };
    if (upload) this.uploads.set(uploadId, { ...upload, ...freed, finished: true });
    this.#uncover(owner);
    return true;
  }

  standing(owner: string, path: VirtualPath): KeptCommit | undefined {
    return this.commits.get(owner + path);
  }

  unfinished(
    { after, count }: UploadPage = {},
    wanted: (upload: UploadRecord) => boolean = () => true,
  ): UploadRecord[] {
    type Place = Pick<UploadRecord, "id" | "updatedMs">;
    const order = (a: Place, b: Place) =>
      b.updatedMs - a.updatedMs || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);
    return this.uploads.values()
      .filter((upload) => !upload.finished && wanted(upload))
      .filter((upload) => after === undefined || order(upload, after) > 0)
      .map(({ finished: _, coveredBytes: __, ...record }) => record)
      .sort(order)
      .slice(0, count);
  }

  note(
    owner: string,
    path: VirtualPath,
    record: FileRecord,
    known?: FileRecord | null,
  ): boolean {
    const unknown = this.accounts.get(owner) === undefined;
    if (unknown || this.covering(owner, path) !== undefined) return false;
    if (known !== undefined && !isSameRecord(this.files.get(owner + path), known)) return false;
    this.putFile(owner, path, record);
    return true;
  }

  /** Holds room for so many bytes of content, beyond what the upload's record reserves. */
  reserve(upload: KeptUpload, bytes: number): boolean {
    const isWithin = this.isWithin(upload.owner, upload.reservedBytes);
    const coveredBytes = isWithin ? this.#covered(upload, bytes) : 0;
    const reservedBytes = bytes - coveredBytes;
    if (!this.fits(upload.owner, reservedBytes - upload.reservedBytes)) return false;
    this.uploads.set(upload.id, { ...upload, reservedBytes, coveredBytes });
    return true;
  }

  addUpload(record: UploadRecord): boolean {
    const upload = { ...record, reservedBytes: 0, coveredBytes: 0, finished: false };
    const before = this.uploads.get(record.id);
    if (!this.reserve(upload, record.reservedBytes)) return false;
    if (before === undefined) return true;
    this.uploads.set(record.id, before);
    throw new StoreError("exists", `There is an upload "${record.id}" already`);
  }

  /**
   * Bytes that replacing the present file will free, less those that other uploads to it have
   * claimed.
   */
  #covered({ id, owner, path, ifExists }: KeptUpload, bytes: number): number {
    const elsewhere = this.uploads.values()
      .filter((other) => other.owner === owner && other.path === path && other.id !== id)
      .reduce((sum, { coveredBytes }) => sum + coveredBytes, 0);
    const size = ifExists === "overwrite" ? this.files.get(owner + path)?.size ?? 0 : 0;
    return Math.max(0, Math.min(bytes, size - elsewhere));
  }

  /** As the triggers in SQLite: what a file gave uploads over it is reserved once it does no more. */
  #uncover(owner: string): void {
    const covered = this.uploads.values()
      .filter((upload) => upload.owner === owner && upload.coveredBytes > 0);
    for (const [path, uploads] of Map.groupBy(covered, ({ path }) => path)) {
      const sum = uploads.reduce((bytes, { coveredBytes }) => bytes + coveredBytes, 0);
      if (sum <= (this.files.get(owner + path)?.size ?? 0)) continue;
      for (const upload of uploads) {
        const reservedBytes = upload.reservedBytes + upload.coveredBytes;
        this.uploads.set(upload.id, { ...upload, reservedBytes, coveredBytes: 0 });
      }
    }
  }

  shrinkReservations(beforeMs: number, count: number): boolean {
    const reserving = this.unfinished().filter(({ updatedMs, offsetBytes, reservedBytes }) =>
      updatedMs < beforeMs && reservedBytes > offsetBytes
    );
    for (const upload of reserving.slice(0, count)) {
      this.changeUpload(upload, { reservedBytes: upload.offsetBytes });
    }
    return reserving.length >= count;
  }

  /** Records of files directly in a directory, by name. */
  filesIn(owner: string, directory: VirtualPath, names?: readonly string[]) {
    return new Map(
      this.files.values()
        .filter((file) => file.owner === owner && parentOf(file.path) === directory)
        .map((file) => [nameOf(file.path), recordOf(file)] as const)
        .filter(([name]) => names?.includes(name) ?? true),
    );
  }

  storedUpload(owner: string, path: VirtualPath, tag: string): FoundFile | undefined {
    if (this.files.get(owner + path) === undefined) return undefined;
    const wanted = parseVersionName(nameOf(path));
    const file = this.files.values().find((file) =>
      file.owner === owner && file.tag === tag && parentOf(file.path) === parentOf(path) &&
      sameFamily(wanted, parseVersionName(nameOf(file.path)))
    );
    return file && { path: file.path, file: recordOf(file) };
  }

  known(owner: string, after: VirtualPath | undefined, count: number) {
    const compare = (one: VirtualPath, other: VirtualPath) =>
      compareCodePoints(parentOf(one), parentOf(other)) ||
      compareCodePoints(nameOf(one), nameOf(other));
    return new Map(
      this.files.values()
        .filter((file) => file.owner === owner)
        .filter(({ path }) => after === undefined || compare(path, after) > 0)
        .sort((one, other) => compare(one.path, other.path))
        .slice(0, count)
        .map((file) => [file.path, recordOf(file)] as const),
    );
  }

  putFile(owner: string, path: VirtualPath, record: FileRecord): void {
    this.files.set(owner + path, { ...recordOf(record), owner, path });
  }

  retime(owner: string, path: VirtualPath, known: FileState, mtimeMs: number): boolean {
    const file = this.files.get(owner + path);
    if (file === undefined || !isTrueOf(known, file)) return false;
    this.putFile(owner, path, { ...file, mtimeMs });
    return true;
  }

  moveSome(move: MoveIntent, count: number): boolean {
    const { owner, from, to } = move;
    if (!this.#beginMoving(move)) return false;
    const below = this.tree(owner, from).filter(({ path }) => path !== from);
    for (const file of below.slice(0, count)) this.#moveFile(file, from, to);
    return below.length > count;
  }

  endMove(move: MoveIntent, done: boolean): void {
    const { owner, from, to } = move;
    if (done && this.#beginMoving(move)) {
      this.moveGrants(owner, from, to);
      for (const file of this.tree(owner, from)) this.#moveFile(file, from, to);
      this.#arrive(owner + to, move.arrival);
      this.#moveUploads(move);
      this.#uncover(owner);
    }
    this.moves.delete(moveKey(move));
  }

  #moveFile(file: FileRecord & { owner: string; path: VirtualPath }, from: string, to: string) {
    this.files.delete(file.owner + file.path);
    this.putFile(file.owner, to + file.path.slice(from.length), file);
  }

  #moveUploads({ owner, from, to }: MoveIntent): void {
    for (const upload of this.unfinished()) {
      const { path, shownPath } = upload;
      if (upload.owner !== owner || path === from || !isWithin(path, from)) continue;
      const moved = to + path.slice(from.length);
      const seenFrom = shownPath.slice(0, shownPath.length - path.length);
      this.changeUpload(upload, { path: moved, shownPath: seenFrom + moved });
    }
  }

  /** Forgets what was replaced, before the first record moves. @returns whether records follow */
  #beginMoving(move: MoveIntent): boolean {
    const { owner, from, to } = move;
    const noted = this.moves.get(moveKey(move));
    if (noted === undefined || from === to) return false;
    if (noted.moving) return true;
    this.forget(owner, to, undefined, true);
    this.moves.set(moveKey(move), { ...noted, moving: true });
    return true;
  }

  tree(owner: string, path: VirtualPath) {
    return this.files.values().filter((file) => file.owner === owner && isWithin(file.path, path));
  }

  forget(owner: string, path: VirtualPath, arrival?: number, replaced = false): void {
    if (arrival !== undefined) this.#arrive(owner + path, arrival);
    for (const file of this.tree(owner, path)) this.files.delete(owner + file.path);
    this.endGrants(owner, path, replaced);
    const isBelow = (at: { owner: string; path: VirtualPath }) =>
      at.owner === owner && isWithin(at.path, path);
    this.modes.deleteWhere(isBelow);
    this.spellings.deleteWhere(isBelow);
    this.#uncover(owner);
  }

  override moveGrants(owner: string, from: VirtualPath, to: VirtualPath): void {
    moveValues(this.modes, owner, from, to);
    moveValues(this.spellings, owner, from, to);
    super.moveGrants(owner, from, to);
  }
}
