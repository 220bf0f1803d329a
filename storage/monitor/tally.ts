import type { AuditEvent, AuditResult } from "./audit.ts";
import type { VirtualPath } from "../contract/path.ts";
import type { TransferInfo } from "./sessions.ts";

/** Progress and duration of a transfer, for lists of sessions and for the audit log. */
export class Tally {
  /** Bytes that this session moved. */
  bytes = 0;
  readonly #startMs = performance.now();

  constructor(readonly direction: "upload" | "download", readonly filename: VirtualPath) {}

  /** The transfer now: `offset` of `size` bytes. */
  info(offset: number, size: number | null): TransferInfo {
    const { direction, filename } = this;
    const rate = Math.round(this.bytes * 1000 / Math.max(1, performance.now() - this.#startMs));
    return { filename, direction, offset, size, rate };
  }

  /** The transfer at its end. @param stored the name it got, where that is another one */
  event(result: AuditResult, stored = this.filename): AuditEvent {
    return {
      action: this.direction,
      result,
      paths: stored === this.filename ? [stored] : [this.filename, stored],
      bytes: this.bytes,
      ms: Math.round(performance.now() - this.#startMs),
    };
  }
}
