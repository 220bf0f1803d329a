import { StoreError } from "../contract/error.ts";
import type { VaultCore } from "./vault_core.ts";

/** Checks an upload's size against the server's maximum. @throws {StoreError} `quota` */
export function assertTakes({ options: { maxUploadBytes } }: VaultCore, sizeBytes: number): void {
  if (maxUploadBytes === undefined || sizeBytes <= maxUploadBytes) return;
  throw new StoreError("quota", `This server takes uploads of up to ${maxUploadBytes} bytes`);
}
