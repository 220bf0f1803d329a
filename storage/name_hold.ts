import { type Condition, currentOf } from "./condition.ts";
import type { CommitIntent } from "./catalog.ts";
import { StoreError } from "./error.ts";
import type { VirtualPath } from "./path.ts";
import type { VaultCore } from "./vault_core.ts";

/** How long a change waits for an upload that is being given the same name. */
const HOLD_WAIT_MS = 5000;
const RETRY_MS = 2;

/**
 * Checks a condition and changes a file while no upload of any worker can be given its name. The
 * name is held by an intent, as an upload that replaces the file would hold it; recovery removes
 * the intent after a crash, and finds nothing to take back.
 *
 * @throws {StoreError} `changed` where the condition does not hold, `not-found`, `is-directory`,
 * `io` where the name stays in use
 */
export async function whileHeld<T>(
  core: VaultCore,
  place: { owner: string; path: VirtualPath; shown: VirtualPath },
  condition: Condition,
  change: () => Promise<T>,
): Promise<T> {
  const { owner, path, shown } = place;
  const deadline = performance.now() + HOLD_WAIT_MS;
  const uploadId = `hold-${crypto.randomUUID()}`;
  while (true) {
    const { record: file } = await core.know(owner, path);
    condition.check(currentOf(file));
    const intent: CommitIntent = { uploadId, owner, path, replace: true, file, reservedBytes: 0 };
    const [answer] = await core.catalog.beginCommits([intent]);
    if (answer === "ready") {
      try {
        // Another upload may have been given the name between the look and the hold.
        const found = await core.store.stat(owner, path);
        const record = await core.catalog.file(owner, path);
        const same = found?.type === "file" && record?.hash === file.hash &&
          record.mtimeMs === file.mtimeMs;
        if (same) return await change();
      } finally {
        await core.catalog.cancelCommits([intent]);
      }
    }
    if (performance.now() > deadline) {
      throw new StoreError("io", `"${shown}" is being replaced; try again`);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
