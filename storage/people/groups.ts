/** Groups, for administrators. */
import type { Access } from "../access/access.ts";
import { eachOf } from "../common/each_page.ts";
import { Pace } from "../common/slices.ts";
import type { GroupRecord, Member } from "../contract/books/group_book.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { freeUnshared } from "../transfer/guest_uploads.ts";
import { type Action, asAdministrator } from "./as_administrator.ts";
import {
  joinGroup,
  leaveGroup,
  makeGroup,
  noSuchGroup,
  permitGroup,
  removeGroup,
} from "./group_changes.ts";

/** A group with the number of its members. */
export type GroupInfo = GroupRecord & { members: number };

/**
 * Actions of an administrator on groups; each requires the permission `t`. They take effect at once
 * in open sessions: what a member may no longer do ends, and uploads are kept.
 */
export class Groups {
  constructor(private readonly core: VaultCore, private readonly access: Access) {}

  /** All groups by name, those after `after`; read page by page. */
  list(after?: string): Promise<AsyncIterable<GroupInfo>> {
    return this.#does({ action: "users" }, () => Promise.resolve(this.#list(after)));
  }

  async *#list(after?: string): AsyncGenerator<GroupInfo> {
    const { groups } = this.core.catalog;
    const pace = new Pace();
    const from = after === undefined ? undefined : { name: after, letters: "", createdMs: 0 };
    const read = eachOf<GroupRecord>((page) => groups.list({ ...page, after: page.after ?? from }));
    for await (const group of read) {
      yield { ...group, members: await groups.count(group.name) };
      await pace.turn();
    }
  }

  /** One group. @throws {StoreError} `not-found` */
  group(name: string): Promise<GroupInfo> {
    return this.#does({ action: "users" }, async () => {
      const { groups } = this.core.catalog;
      const group = await groups.get(name);
      if (group === undefined) throw noSuchGroup(name);
      return { ...group, members: await groups.count(name) };
    });
  }

  /** Members of a group by name, those after `after`. @throws {StoreError} `not-found` */
  members(name: string, after?: string): Promise<AsyncIterable<Member>> {
    return this.#does({ action: "users" }, async () => {
      const { groups } = this.core.catalog;
      if (await groups.get(name) === undefined) throw noSuchGroup(name);
      const from = after === undefined ? undefined : { account: after };
      return eachOf<Member>((page) => groups.members(name, { ...page, after: page.after ?? from }));
    });
  }

  /** Makes a group without members. @throws {StoreError} `exists`, `bad-name`, `bad-request` */
  add(name: string, letters: string): Promise<GroupRecord> {
    return this.#does(
      { action: "group", subject: name, value: letters },
      () => makeGroup(this.core.catalog, name, letters),
    );
  }

  /** Removes a group; the shares with it end. @throws {StoreError} `not-found` */
  remove(name: string): Promise<void> {
    return this.#does({ action: "remove-group", subject: name }, async () => {
      await removeGroup(this.core.catalog, name);
      await this.#recheck(null);
    });
  }

  /** Replaces the permissions of a group. @returns letters in canonical order */
  permit(name: string, letters: string): Promise<string> {
    return this.#does({ action: "group-letters", subject: name, value: letters }, async () => {
      const canonical = await permitGroup(this.core.catalog, name, letters);
      await this.#recheck(null);
      return canonical;
    });
  }

  /** Adds an account to a group. @throws {StoreError} `not-found`, `quota` */
  join(name: string, account: string): Promise<void> {
    return this.#does({ action: "join", subject: name, value: account }, async () => {
      await joinGroup(this.core.catalog, name, account);
      await this.core.presence.recheck(account); // all workers know it then
    });
  }

  /** Takes an account out of a group. @throws {StoreError} `not-found` */
  leave(name: string, account: string): Promise<void> {
    return this.#does({ action: "leave", subject: name, value: account }, async () => {
      await leaveGroup(this.core.catalog, name, account);
      await this.#recheck(account);
    });
  }

  async #recheck(account: string | null): Promise<void> {
    await this.core.presence.recheck(account);
    await freeUnshared(this.core);
  }

  #does<T>(action: Action, run: () => Promise<T>): Promise<T> {
    return asAdministrator(this.core, this.access, action, run);
  }
}
