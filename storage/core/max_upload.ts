import { StoreError } from "../contract/error.ts";
import type { VaultCore } from "./vault_core.ts";

/** @throws {StoreError} `quota` where the server takes no upload of so many bytes */
export function assertTakes({ options: { maxUploadBytes } }: VaultCore, sizeBytes: number): void {
  if (maxUploadBytes === undefined || sizeBytes <= maxUploadBytes) return;
  throw new StoreError("quota", `This server takes uploads of up to ${maxUploadBytes} bytes`);
}
