import { existsSync } from "node:fs";
import type { Layout } from "./layout.ts";
import { isMissing, toStoreError } from "./os_error.ts";
import { isMountOwner, isWritable } from "../../contract/mount.ts";
import { syncDirectoryAt } from "./syncing.ts";

/** Makes an account's directories; nothing happens where they are there. */
export async function addAccountTree(
  layout: Layout,
  account: string,
  durable: boolean,
): Promise<void> {
  if (isReadOnly(layout, account)) return void layout.files(account);
  const directories = [layout.files(account), layout.parts(account)];
  // Existing directories may not have been synced: `DirectorySyncs` does that before their content
  // counts.
  const missing = directories.filter((directory) => !existsSync(directory));
  for (const directory of missing) Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (!durable || missing.length === 0) return;
  for (const directory of layout.wayTo(account)) await syncDirectoryAt(directory, account);
}

/** Removes all that an account has on disk, or sets it aside in the data directory. */
export async function removeAccountTree(
  layout: Layout,
  account: string,
  { keepAside, durable }: { keepAside: boolean; durable: boolean },
): Promise<void> {
  const base = layout.account(account);
  const aside = `${layout.root}/removed`;
  Deno.mkdirSync(aside, { recursive: true, mode: 0o700 });
  // Renamed first, so that the account disappears at once, even if the removal takes long.
  const target = `${aside}/${account}-${Date.now()}-${crypto.randomUUID().slice(0, 8)}`;
  try {
    Deno.renameSync(base, target);
  } catch (error) {
    if (isMissing(error)) return;
    throw toStoreError(error, account);
  }
  if (durable) await syncDirectoryAt(aside, account);
  if (!keepAside) await Deno.remove(target, { recursive: true });
}

/** Whether nothing can be uploaded to a tree, so that it needs no place for uploads. */
function isReadOnly(layout: Layout, account: string): boolean {
  if (!isMountOwner(account)) return false;
  const mount = layout.findMount(account);
  return mount !== undefined && !isWritable(mount);
}
