/** Renames of files and directories. */
import type { Access, Place } from "../access/access.ts";
import { notFound, StoreError } from "../contract/error.ts";
import { isMountOwner } from "../contract/mount.ts";
import { isWithin, type VirtualPath } from "../contract/path.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { recheckShared } from "../transfer/guest_uploads.ts";
import { namingParent } from "../transfer/upload_errors.ts";
import { checkCondition } from "../transfer/target.ts";
import type { Conditional } from "./conditional.ts";

/** How a file or directory is renamed. */
export interface RenameOptions extends Conditional {
  /** A file may take another file's name. */
  readonly overwrite?: boolean;
  /** How the new path is spelled; see `UploadRequest`. */
  readonly spelling?: string | undefined;
}

/** Checks the source of a rename: permissions, and that the file or directory exists. */
export async function checkRenameSource(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<VirtualPath> {
  const place = await access.target(text, "dw");
  if (await core.tree.look(place.owner, place.path) === undefined) throw notFound(place.shown);
  return place.shown;
}

/** Renames a file or directory; with `overwrite` a file may take another file's name. */
export async function rename(
  core: VaultCore,
  access: Access,
  from: string,
  to: string,
  options: RenameOptions = {},
): Promise<VirtualPath> {
  const asked = access.changes.asked();
  const source = await access.target(from, "dw");
  const target = await access.target(to, "w");
  const found = await core.tree.look(source.owner, source.path);
  if (found === undefined) throw notFound(source.shown);
  await checkCondition(core, access, source, options.condition);
  if (source.owner !== target.owner) {
    throw isMountOwner(source.owner) || isMountOwner(target.owner)
      ? new StoreError(
        "denied",
        `"${source.shown}" and "${target.shown}" are not in the same mount, and nothing is renamed ` +
          "from one to another: copy it, then remove the original",
      )
      : new StoreError("denied", "A file cannot be renamed into another account's tree");
  }
  if (source.path !== target.path && isWithin(target.path, source.path)) {
    throw new StoreError("bad-request", `"${source.shown}" cannot be moved into itself`);
  }
  await refuseDisclosure(access, source, target);
  const { overwrite: replace = false, condition, spelling } = options;
  const seen = found.record;
  const move = core.tree.rename({ ...source, asked }, target, {
    replace,
    condition,
    spelling,
    seen,
  });
  const changed = await access.changes.during(move).catch(async (error) => {
    throw await namingParent(core, target, error);
  });
  await recheckShared(core, source.owner, changed);
  return target.shown;
}

/** Refuses a guest who would get to read by a rename: from a share without r into one with it. */
async function refuseDisclosure(access: Access, source: Place, target: Place): Promise<void> {
  if (await access.sharesAllow(source.shown, "r")) return;
  if (!await access.sharesAllow(target.shown, "r")) return;
  throw new StoreError(
    "denied",
    `"${source.shown}" is shared without the permission "r", and "${target.shown}" with it`,
  );
}
