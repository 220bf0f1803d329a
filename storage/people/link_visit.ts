/** A visit of a public link: one file, or a directory with its content. */
import { clock } from "../contract/clock.ts";
import { hashSecret, isSameSecret, sign } from "../../common/secrets.ts";
import { Access } from "../access/access.ts";
import type { Download } from "../transfer/download.ts";
import { StoreError } from "../contract/error.ts";
import { checksum } from "../tree/files.ts";
import type { LinkRecord } from "../contract/books/link_book.ts";
import {
  describe,
  entries,
  type EntriesOptions,
  list,
  type ListOptions,
  type ListPage,
} from "../tree/listing.ts";
import { nameOf, resolvePath, type VirtualPath } from "../contract/path.ts";
import { voidReason } from "../contract/validity.ts";
import { allLetters } from "../contract/catalog.ts";
import { isLive } from "../access/shares.ts";
import type { OnEnd } from "../monitor/sessions.ts";
import type { FileInfo } from "../tree/seen_tree.ts";
import { openDownload } from "../transfer/transfers.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** A visitor's origin. */
export interface Visitor {
  readonly address: string;
  readonly sessionId: string;
}

/** Properties of a link that its visitors see. */
export interface LinkFacts {
  /** Name of the file or directory. */
  name: string;
  directory: boolean;
  owner: string;
  label: string;
  pinned: boolean;
  createdMs: number;
  expiresMs: number | null;
  /** Downloads that are left; null: no limit. */
  downloadsLeft: number | null;
}

/** A tree that can be read, as both an account's view and a link's visitor read one. */
export interface ReadableTree {
  /** All that is in a directory, in batches. */
  entries(path: string, options?: EntriesOptions): Promise<AsyncIterable<FileInfo[]>>;
  download(path: string): Promise<Download>;
}

/** How long a visitor need not give a correct password again, ms. */
const PASS_MS = 12 * 3600_000;
/** How long a counted download can be continued, ms. */
const TICKET_MS = 24 * 3600_000;

/** Opens a link. @throws {StoreError} `not-found` where there is none, or none any more */
export async function openLink(
  core: VaultCore,
  secret: string,
  { address, sessionId }: Visitor,
  pass?: string,
): Promise<LinkVisit> {
  const record = await core.catalog.links.byHash(hashSecret(secret));
  const owner = record && await core.catalog.account(record.owner);
  // The same answer for all secrets: a visitor cannot find out that a link existed.
  if (
    record === undefined || !isLive(record) || owner === undefined ||
    voidReason(owner) !== undefined || !allLetters(owner).includes("r")
  ) {
    throw new StoreError("not-found", "There is no such link, or it has ended");
  }
  const access = new Access(
    {
      account: owner.name,
      generation: owner.generation,
      door: "web",
      sessionId,
      address,
      link: { id: record.id, path: record.path },
    },
    core.catalog,
    core.epoch,
  );
  return new LinkVisit(core, access, record, pass);
}

/**
 * One visit of a link. The link's own path is `/` and all others are below it, so that the path in
 * the owner's tree stays hidden.
 */
export class LinkVisit {
  readonly facts: LinkFacts;
  #entered: boolean;

  constructor(
    private readonly core: VaultCore,
    private readonly access: Access,
    private readonly link: LinkRecord,
    pass?: string,
  ) {
    const { path, directory, owner, label, createdMs, expiresMs, pinnedHash } = link;
    const left = link.maxDownloads === null ? null : link.maxDownloads - link.downloads;
    const pinned = pinnedHash !== null;
    const name = nameOf(path);
    const facts = { name, directory, owner, label, pinned, createdMs, expiresMs };
    this.facts = { ...facts, downloadsLeft: left === null ? null : Math.max(0, left) };
    this.#entered = link.passwordHash === null || this.#isSigned("pass", "", pass);
  }

  /** Names the link, for what is counted by it; no visitor is to see it. */
  get id(): string {
    return this.link.id;
  }

  /** The hash of the password that must be given before anything else is returned. */
  get locked(): string | undefined {
    return this.#entered ? undefined : this.link.passwordHash ?? undefined;
  }

  /**
   * Accepts the visitor after a correct password. @returns a pass that replaces the password for a
   * while
   */
  unlock(): string {
    this.#entered = true;
    return this.#sign("pass", "", clock.now() + PASS_MS);
  }

  /** @throws {StoreError} `changed` where a file is not any more what the link is pinned to */
  describe(text: string): Promise<FileInfo> {
    return this.#shown(async () => {
      const path = this.#at(text);
      const info = await describe(this.core, this.access, path);
      if (info.type === "directory") return info;
      const { hash } = await checksum(this.core, this.access, path);
      const { pinnedHash } = this.link;
      if (pinnedHash === null || pinnedHash === hash) return { ...info, hash };
      const message = "The file was changed since the link was made: ask for another link";
      throw new StoreError("changed", message, { expected: pinnedHash, actual: hash });
    });
  }

  /**
   * Shows the visitor among the sessions while something is sent to him.
   *
   * @param onEnd called where an administrator ends it
   * @returns notes that it is over
   */
  attend(onEnd: OnEnd): () => void {
    const { presence } = this.core;
    const { principal } = this.access;
    presence.enter(principal, onEnd);
    return () => presence.leave(principal.sessionId);
  }

  list(text: string, options?: ListOptions): Promise<ListPage> {
    return this.#shown(async () => {
      const page = await list(this.core, this.access, this.#at(text), options);
      return { ...page, path: resolvePath("/", text) };
    });
  }

  /**
   * Opens a file for download and counts it, unless it continues a counted download.
   *
   * @param continued for a continuation: its offset (bytes, above 0), the ticket of the first
   * request, and the expected content
   * @returns `ticket` lets the visitor continue after an interruption
   * @throws {StoreError} `not-found` where no downloads are left; `changed` where the content is
   * not the one that the link is pinned to, or not the expected one
   */
  download(
    text: string,
    continued?: { offset: number; ticket: string | undefined; hash?: string },
  ): Promise<{ download: Download; ticket: string }> {
    return this.#shown(async () => {
      const download = await this.#open(text, continued?.hash);
      const what = `${download.path} ${download.record.hash}`;
      try {
        const counted = continued !== undefined && continued.offset > 0 &&
          this.#isSigned("ticket", what, continued.ticket);
        if (!counted) await this.#count();
      } catch (error) {
        download.close();
        throw error;
      }
      return { download, ticket: this.#sign("ticket", what, clock.now() + TICKET_MS) };
    });
  }

  /** As {@linkcode download}, for all that is in a directory: it counts as one. */
  async wholeTree(): Promise<ReadableTree> {
    await this.#shown(() => this.#count());
    return {
      entries: (path, options) =>
        this.#shown(() => entries(this.core, this.access, this.#at(path), options)),
      download: (path) => this.#shown(() => this.#open(path)),
    };
  }

  #open(text: string, hash?: string): Promise<Download> {
    const wanted = this.link.pinnedHash ?? hash;
    return openDownload(this.core, this.access, this.#at(text), { ifHash: wanted });
  }

  async #count(): Promise<void> {
    await this.access.require("r");
    if (this.locked !== undefined) throw locked();
    if (await this.core.catalog.links.countDownload(this.link.id, clock.now())) return;
    throw new StoreError("not-found", "The link has ended: its downloads are used up");
  }

  /** The path in the owner's tree. */
  #at(text: string): VirtualPath {
    if (this.locked !== undefined) throw locked();
    const below = resolvePath("/", text);
    return below === "/" ? this.link.path : this.link.path + below;
  }

  /** Runs a request; its errors name paths as the visitor writes them. */
  async #shown<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const { path } = this.link;
      const message = error.message.replaceAll(`"${path}/`, '"/')
        .replaceAll(`"${path}"`, `"${nameOf(path)}"`);
      throw new StoreError(error.kind, message, error.details, { cause: error.cause ?? error });
    }
  }

  #sign(purpose: string, what: string, expiresMs: number): string {
    const bound = JSON.stringify([purpose, what, expiresMs, this.link.passwordHash]);
    return `${expiresMs}.${sign(this.link.key, bound)}`;
  }

  #isSigned(purpose: string, what: string, signed: string | undefined): boolean {
    const expiresMs = Number(/^(\d{1,15})\./.exec(signed ?? "")?.[1] ?? 0);
    const leftMs = expiresMs - clock.now();
    // A ticket signed while the clock was ahead must not last longer than any other.
    if (signed === undefined || leftMs <= 0 || leftMs > Math.max(PASS_MS, TICKET_MS)) return false;
    return isSameSecret(signed, this.#sign(purpose, what, expiresMs));
  }
}

function locked(): StoreError {
  return new StoreError("denied", "The link asks for a password");
}
