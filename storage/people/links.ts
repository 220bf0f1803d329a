/** Public links: secrets that let visitors without an account read one file or directory. */
import { clock } from "../contract/clock.ts";
import { hashSecret, newKey, newSecret } from "../../common/secrets.ts";
import type { Access } from "../access/access.ts";
import { audited } from "../monitor/audit.ts";
import { notFound, StoreError } from "../contract/error.ts";
import type { LinkRecord } from "../contract/books/link_book.ts";
import { checkedLabel } from "../common/label.ts";
import { eachOf } from "../common/each_page.ts";
import { ownPlace } from "./sharing.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** Most links of an account. */
const MAX_LINKS = 1000;

/** Properties of a new link. */
export interface NewLink {
  path: string;
  /** @default "" */
  label?: string;
  /** Hash of a password that visitors must give. @default none */
  passwordHash?: string;
  /** Gives out only the present content. @default any content */
  pinned?: boolean;
  /** Most downloads, 1 or more. @default no limit */
  maxDownloads?: number;
  /** @default no end */
  expiresMs?: number;
}

/** A link as its owner sees it. */
export type LinkInfo = Omit<LinkRecord, "hash" | "key" | "passwordHash"> & {
  hasPassword: boolean;
};

/** The public links of an account, as its session sees them. */
export class Links {
  constructor(private readonly core: VaultCore, private readonly access: Access) {}

  /**
   * Creates a link.
   *
   * @returns its record, and its secret, which is stored nowhere
   * @throws {StoreError} `denied` without the permission r, for files of others, and in a session
   * of a token: the link would outlive the token
   */
  async make(wanted: NewLink): Promise<{ link: LinkInfo; secret: string }> {
    const id = crypto.randomUUID();
    return await this.#audited("link", id, [wanted.path], async () => {
      this.access.requirePassword();
      await this.access.require("r");
      const account = await this.access.account();
      const secret = newSecret("link");
      const createdMs = clock.now();
      const record: LinkRecord = {
        id,
        owner: account.name,
        ...await this.#content(wanted),
        hash: hashSecret(secret),
        key: newKey(),
        label: checkedLabel(wanted.label ?? ""),
        passwordHash: wanted.passwordHash ?? null,
        maxDownloads: checkedCount(wanted.maxDownloads),
        downloads: 0,
        createdMs,
        lastUsedMs: null,
        expiresMs: checkedExpiry(wanted.expiresMs, createdMs),
      };
      const { links } = this.core.catalog;
      if (clock.removal() !== undefined) await links.removeExpired(createdMs);
      if ((await links.of(account.name, { count: MAX_LINKS })).length >= MAX_LINKS) {
        throw new StoreError("quota", `An account has at most ${MAX_LINKS} links: remove some`);
      }
      // Nothing is removed or renamed between the look and the note: what later gets the name is not
      // to be given out.
      const spot = { owner: account.name, path: record.path, shown: record.path };
      await this.core.tree.hold(spot, async ({ entry }) => {
        const isDirectory = entry.type === "directory";
        if (isDirectory !== record.directory) throw notFound(record.path);
        if (!await links.add(record, account.generation)) await this.access.account(); // throws the reason
      });
      return { link: toInfo(record), secret };
    });
  }

  /** The links that are not past their time, oldest first; with `path` those of exactly that. */
  async list(path?: string): Promise<LinkInfo[]> {
    const { name } = await this.access.account();
    const wanted = path === undefined ? undefined : this.access.confined(path);
    const now = clock.now();
    const { links } = this.core.catalog;
    return (await Array.fromAsync(eachOf<LinkRecord>((page) => links.of(name, page))))
      .filter(({ expiresMs }) => expiresMs === null || expiresMs > now)
      .filter((link) => this.access.reaches(link.path) && link.path === (wanted ?? link.path))
      .map(toInfo);
  }

  /** Ends a link, open downloads included. @throws {StoreError} `not-found`, `denied` to a token */
  async revoke(id: string): Promise<void> {
    await this.#audited("unlink", id.slice(0, 64), [], async () => {
      this.access.requirePassword();
      const { name } = await this.access.account();
      if (await this.core.catalog.links.remove(name, id)) return;
      throw new StoreError("not-found", "There is no such link");
    });
  }

  async #content({ path, pinned }: NewLink) {
    const place = await ownPlace(this.access, path);
    if (place.path === "/") {
      throw new StoreError("denied", "The root itself gets no link: choose a directory in it");
    }
    const found = await this.core.tree.look(place.owner, place.path);
    if (found === undefined) throw notFound(place.shown);
    const directory = found.entry.type === "directory";
    if (!pinned) return { path: place.path, directory, pinnedHash: null };
    if (directory) throw new StoreError("bad-request", "Only a file's content can be pinned");
    const { record } = await this.core.tree.know(place.owner, place.path);
    return { path: place.path, directory, pinnedHash: record.hash };
  }

  #audited<T>(
    action: "link" | "unlink",
    subject: string,
    paths: readonly string[],
    run: () => Promise<T>,
  ): Promise<T> {
    const event = { action, subject, paths };
    return audited(this.core.audit, this.access.principal, event, run);
  }
}

function toInfo({ hash: _hash, key: _key, passwordHash, ...link }: LinkRecord): LinkInfo {
  return { ...link, hasPassword: passwordHash !== null };
}

function checkedCount(count: number | undefined): number | null {
  if (count === undefined) return null;
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new StoreError("bad-request", "The number of downloads is to be 1 or more");
}

function checkedExpiry(expiresMs: number | undefined, nowMs: number): number | null {
  if (expiresMs === undefined) return null;
  if (Number.isSafeInteger(expiresMs) && expiresMs > nowMs) return expiresMs;
  throw new StoreError("bad-request", "The link would have expired already");
}
