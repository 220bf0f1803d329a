/**
 * Resumable uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload), on the same parts and
 * checkpoints as those of every door (protocol): an upload begun elsewhere continues here, and the
 * other way round.
 */
import { announceSize } from "../../../storage/transfer/announce.ts";
import { keptUntilMs } from "../../../storage/transfer/resumes.ts";
import type { Upload } from "../../../storage/transfer/upload.ts";
import { authenticate } from "../session/credentials.ts";
import type { Register, WebContext, WebServices } from "../request/env.ts";
import { WebError } from "../request/failure.ts";
import { moverOf, type WebSession } from "../request/web_session.ts";
import { wantedUpload } from "./creation.ts";
import { HeldUploads, type Writer, wrongOffset } from "./held.ts";
import {
  ALGORITHMS,
  assertVersion,
  bad,
  bytesIn,
  checksumIn,
  CONTENT_TYPE,
  digestField,
  encodePath,
  EXTENSIONS,
  formatMetadata,
  hashIn,
  metadataOf,
  VERSION,
} from "./protocol.ts";
import { type FinishedUpload, TusNotes } from "./notes.ts";
import { receive } from "./receive.ts";
import { finishedHeaders, progressHeaders, reply, tusHeaders } from "./replies.ts";

/** Registers the routes of tus. */
export const registerTus: Register = (app, services) => {
  const tus = new Tus(services);
  services.onClose(() => tus.close());
  for (const path of ["/tus", "/tus/"]) {
    app.on("OPTIONS", path, (c) => tus.options(c));
    app.post(path, (c) => tus.create(c));
  }
  app.on("OPTIONS", "/tus/:id", (c) => tus.options(c));
  app.on("HEAD", "/tus/:id", (c) => tus.head(c));
  app.get("/tus/:id", (c) => c.req.method === "HEAD" ? tus.head(c) : tus.show(c));
  app.patch("/tus/:id", (c) => tus.patch(c));
  app.delete("/tus/:id", (c) => tus.remove(c));
  // For clients behind what lets no other methods through.
  app.post("/tus/:id", (c) => {
    const method = c.req.header("x-http-method-override");
    if (method === "PATCH") return tus.patch(c);
    if (method === "DELETE") return tus.remove(c);
    if (method === "HEAD") return tus.head(c);
    return notHere();
  });
};

/** An upload whose creation was cut is kept from this size on, to be found by its path. */
const WORTH_BYTES = 16 * 1024 * 1024;

class Tus {
  readonly #held = new HeldUploads();
  readonly #notes: TusNotes;

  constructor(private readonly services: WebServices) {
    this.#notes = new TusNotes(services.vault);
  }

  close(): Promise<void> {
    return this.#held.close();
  }

  /** Returns the capabilities of this server. */
  options(c: WebContext): Response {
    return reply(c, 204, {
      ...tusHeaders(),
      "tus-version": VERSION,
      "tus-extension": EXTENSIONS,
      "tus-checksum-algorithm": Object.keys(ALGORITHMS).join(),
    });
  }

  async create(c: WebContext): Promise<Response> {
    const session = await authenticate(this.services, c);
    assertVersion(c);
    const wanted = wantedUpload(c);
    const metadata = c.req.header("upload-metadata") ?? "";
    const withBody = c.req.header("content-type") === CONTENT_TYPE;
    const checksum = checksumIn(c);
    const opening = await session.view.transfers.upload(wanted);
    if ("skipped" in opening) {
      const { path, size, hash } = opening.skipped;
      const id = crypto.randomUUID().replaceAll("-", "");
      const finished = { account: session.account, path, size, hash, metadata };
      await this.#notes.finish(id, finished);
      return reply(c, 201, { ...finishedHeaders(finished), location: `/tus/${id}` });
    }
    const { upload } = opening;
    const writer = this.#held.hold(upload, session);
    const location = `/tus/${upload.id}`;
    try {
      if (!wanted.pipelined) await this.#notes.begin(upload.id, session.account, metadata);
      if (withBody) await this.#receive(c, session, upload, writer, checksum);
      const headers = await this.#progress(session, upload, writer, metadata);
      return reply(c, 201, { ...headers, location });
    } catch (error) {
      // The client did not get the upload's address: a small one is sent again soon and must not
      // hold quota.
      if (upload.open && upload.offset < WORTH_BYTES) await upload.discard();
      throw error;
    } finally {
      this.#held.release(upload.id, writer);
    }
  }

  async head(c: WebContext): Promise<Response> {
    const session = await authenticate(this.services, c);
    assertVersion(c);
    const id = c.req.param("id")!;
    // A held upload is unfinished, and its writers take turns in the order of their requests.
    const finished = this.#held.find(id)
      ? undefined
      : await this.#notes.finished(id, session.account);
    if (finished) return reply(c, 200, finishedHeaders(finished));
    // A client that asks for the offset wants to continue: a request of the session that hangs, or
    // whose bytes still arrive after it was given up, must write nothing more, so that the offset
    // stays true.
    const taken = await this.#held.take(id, session);
    if (taken) this.#held.release(id, taken.writer);
    const found = await session.view.transfers.findUnfinished(id, "web");
    const { record, expiresMs } = found;
    const open = this.#held.find(id);
    const offset = open?.offset ?? found.offset;
    await open?.part.checked();
    const prefixHash = open?.part.digest() ?? found.prefixHash;
    const { shownPath: path, sizeBytes, hash, ifExists, mtimeMs } = open?.part.record ?? record;
    // For an upload that began at another door: metadata equal to that of a tus upload.
    const known = new Map([["path", path], ["ifexists", ifExists]]);
    if (mtimeMs !== null) known.set("lastmodified", String(mtimeMs));
    if (hash !== null) known.set("sha256", hash);
    const given = await this.#notes.metadata(id, session.account);
    return reply(c, 200, {
      ...progressHeaders(offset, sizeBytes ?? undefined, expiresMs),
      "upload-metadata": given || formatMetadata(known),
      "upload-prefix-digest": digestField(prefixHash),
    });
  }

  /** Leads to the file that an upload became. */
  async show(c: WebContext): Promise<Response> {
    const session = await authenticate(this.services, c);
    const id = c.req.param("id")!;
    const finished = await this.#notes.finished(id, session.account);
    if (finished === undefined) {
      await session.view.transfers.findUnfinished(id); // the address of no upload is not found
      notHere();
    }
    return c.redirect(`/api/v1/files${encodePath(finished.path)}`, 303);
  }

  async patch(c: WebContext): Promise<Response> {
    const session = await authenticate(this.services, c);
    assertVersion(c);
    if (c.req.header("content-type") !== CONTENT_TYPE) {
      throw new WebError(415, "media-type", `The body is to be of the type ${CONTENT_TYPE}`);
    }
    const offset = bytesIn(c, "upload-offset");
    if (offset === undefined) throw bad('The header "Upload-Offset" is missing');
    const size = bytesIn(c, "upload-length");
    if (offset === Infinity || size === Infinity) throw bad("A file has at most 2^53-1 bytes");
    const checksum = checksumIn(c);
    const hash = hashIn(metadataOf(c));
    const id = c.req.param("id")!;
    const before = this.#held.find(id) ? undefined : await this.#again(session, id, offset);
    const opened = before ?? await this.#open(session, id, offset)
      .catch(async (error) => {
        // Another request may just have ended it.
        const finished = await this.#again(session, id, offset);
        if (finished === undefined) throw error;
        return finished;
      });
    if ("path" in opened) return reply(c, 204, finishedHeaders(opened));
    const { upload, writer } = opened;
    try {
      if (upload.offset !== offset) throw wrongOffset(upload.offset);
      if (size !== undefined) await announceSize(upload, size);
      assertFits(c, upload);
      await this.#receive(c, session, upload, writer, checksum);
      const metadata = await this.#notes.metadata(id, session.account);
      return reply(c, 204, await this.#progress(session, upload, writer, metadata, hash));
    } finally {
      this.#held.release(id, writer);
    }
  }

  async remove(c: WebContext): Promise<Response> {
    const session = await authenticate(this.services, c);
    assertVersion(c);
    const id = c.req.param("id")!;
    // For a finished upload only the address ends: its file is removed as every file is.
    const finished = this.#held.find(id)
      ? undefined
      : await this.#notes.finished(id, session.account);
    if (finished === undefined) await session.view.transfers.discard(id);
    await this.#notes.forget(id);
    return reply(c, 204, tusHeaders());
  }

  /**
   * Answers a repeated last request of an upload that an earlier request has ended: its reply was
   * lost.
   *
   * @throws {StoreError} `offset` where it is not the last one
   */
  async #again(
    session: WebSession,
    id: string,
    offset: number,
  ): Promise<FinishedUpload | undefined> {
    const finished = await this.#notes.finished(id, session.account);
    if (finished !== undefined && offset !== finished.size) throw wrongOffset(finished.size);
    return finished;
  }

  /** The upload, with this request as its writer. */
  async #open(
    session: WebSession,
    id: string,
    offset: number,
  ): Promise<{ upload: Upload; writer: Writer }> {
    const taken = await this.#held.take(id, session, offset);
    if (taken !== undefined) return taken;
    const { upload } = await session.view.transfers.resume({ id });
    return { upload, writer: this.#held.hold(upload, session) };
  }

  #receive(
    c: WebContext,
    session: WebSession,
    upload: Upload,
    writer: Writer,
    checksum: ReturnType<typeof checksumIn>,
  ): Promise<void> {
    const { signal } = session;
    upload.delays.since(c.env.came);
    upload.endsAtSize = true;
    const stopped = () => signal.aborted;
    const { body } = c.req.raw;
    const held = (wait: Promise<void>) => upload.delays.during(wait);
    const pieces = body && this.services.rate.paced(moverOf(session), "up", body, stopped, held);
    return receive(upload, pieces, { session, held: this.#held, writer, checksum });
  }

  /** Commits the upload if its last byte has arrived. @returns headers with its offset */
  async #progress(
    session: WebSession,
    upload: Upload,
    writer: Writer,
    metadata: string,
    hash?: string,
  ): Promise<Record<string, string>> {
    const { id, size, offset } = upload;
    this.#held.assertWriter(id, writer);
    if (size === undefined || offset < size) {
      return progressHeaders(offset, size, keptUntilMs(upload));
    }
    const committed = await upload.finish(hash === undefined ? {} : { hash });
    const path = upload.shownPath(committed);
    const finished = { account: session.account, path, size, hash: committed.hash, metadata };
    await this.#notes.finish(id, finished);
    return finishedHeaders(finished);
  }
}

/** A body that is known to be too long is refused before any of it is taken. */
function assertFits(c: WebContext, upload: Upload): void {
  const length = bytesIn(c, "content-length") ?? 0;
  if (upload.size === undefined || upload.offset + length <= upload.size) return;
  throw new WebError(413, "too-large", `More would come than the ${upload.size} bytes announced`);
}

function notHere(): never {
  throw new WebError(405, "method", "An upload is created, queried, continued or removed", {
    allow: "OPTIONS, HEAD, PATCH, DELETE",
  });
}
