/** How accounts begin and end, in an order that a crash can be recovered from. */
import type { AccountAnswer, AddedAccount } from "../contract/catalog.ts";
import type { RemoveAccountOptions } from "../contract/engine.ts";
import { eachOf } from "../common/each_page.ts";
import type { UploadRecord } from "../contract/upload_record.ts";
import { forgetFiles } from "./commit/record_steps.ts";
import type { Places } from "./interfaces/places.ts";

/** Creates an account with an empty tree; see {@linkcode Engine.addAccount}. */
export async function addAccount(
  { store, catalog }: Pick<Places, "store" | "catalog">,
  account: AddedAccount,
): Promise<boolean> {
  if (!await catalog.addAccount(account)) return false;
  await store.removeAccount(account.name, { keepAside: true });
  await store.addAccount(account.name);
  return true;
}

/** Removes an account with its files and records; see {@linkcode Engine.removeAccount}. */
export async function removeAccount(
  { store, catalog }: Pick<Places, "store" | "catalog">,
  name: string,
  { keepFiles, evenLast = false, retired }: RemoveAccountOptions,
): Promise<AccountAnswer> {
  const answer = await catalog.retireAccount(name, evenLast);
  if (answer !== "done") return answer;
  await retired?.();
  for await (const upload of eachOf<UploadRecord>((page) => catalog.uploads(name, page))) {
    if (upload.owner !== name) await store.removePart(upload.owner, upload.id); // in trees that stay
    await catalog.removeUpload(upload);
  }
  for await (const upload of eachOf<UploadRecord>((page) => catalog.guestUploads(name, page))) {
    await catalog.removeUpload(upload); // the part goes with the tree
  }
  await store.removeAccount(name, { keepAside: keepFiles });
  await forgetFiles(catalog, name, "/");
  await catalog.removeAccount(name);
  return answer;
}
