/** Copying files. */
import type { Access } from "../access/access.ts";
import type { IfExists } from "../contract/catalog.ts";
import type { Conditional } from "./conditional.ts";
import type { Committed } from "../contract/tree.ts";
import { currentOf } from "../contract/condition.ts";
import type { VirtualPath } from "../contract/path.ts";
import { readSlices } from "../common/slices.ts";
import { openUpload } from "../transfer/transfers.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** How a file is copied. */
export interface CopyOptions extends Conditional {
  /** @default "version" */
  readonly ifExists?: IfExists;
}

/** Copies a file: an upload whose content comes from the vault. */
export async function copy(
  core: VaultCore,
  access: Access,
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<{ path: VirtualPath; committed?: Committed }> {
  await access.require("rw");
  const source = await access.place(from, "r");
  const { content, record } = await core.tree.open(source.owner, source.path);
  try {
    options.condition?.check(currentOf(record));
    const opening = await openUpload(core, access, {
      path: to,
      mode: await core.tree.mode(source.owner, source.path),
      sizeBytes: record.size,
      hash: record.hash,
      mtimeMs: record.mtimeMs,
      ifExists: options.ifExists ?? "version",
      pipelined: true, // a copy cannot be resumed
    });
    if ("skipped" in opening) return { path: opening.skipped.path };
    const { upload } = opening;
    try {
      await readSlices(content, record.size, async (slice) => {
        await access.stillAllowed(source, "r", true);
        await upload.write(slice);
      });
      const committed = await upload.finish();
      return { path: upload.shownPath(committed), committed };
    } catch (error) {
      await upload.discard();
      throw error;
    }
  } finally {
    content.close();
  }
}
