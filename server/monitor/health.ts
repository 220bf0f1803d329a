/**
 * Troubles of a server that still serves, for `/healthz` and metrics. The main thread keeps
 * the list and sends it to every worker.
 */

import type { Trouble } from "../door/door.ts";

/** The part that {@linkcode Health} calls the audit log. */
export const AUDIT_PART = "audit log";
/** The part that {@linkcode Health} calls the certificate that is served. */
export const CERTIFICATE_PART = "certificate";

/** The part that {@linkcode Health} calls the accounts' files. */
export const FILES_PART = "files";
/** The part that {@linkcode Health} calls the catalog. */
export const CATALOG_PART = "catalog";
/** The part that {@linkcode Health} calls the machine's clock. */
export const CLOCK_PART = "clock";

/** The troubles that there are now. */
export class Health {
  readonly #listeners: ((troubles: readonly Trouble[]) => void)[] = [];
  readonly #reasons = new Map<string, string>();

  /** All troubles, in the order in which they came. */
  get troubles(): readonly Trouble[] {
    return Array.from(this.#reasons, ([part, reason]) => ({ part, reason }));
  }

  /** Calls a listener with all troubles, now and whenever one comes or goes. */
  subscribe(listener: (troubles: readonly Trouble[]) => void): void {
    this.#listeners.push(listener);
    listener(this.troubles);
  }

  /** Notes why a part does not work; undefined: it works. */
  set(part: string, reason: string | undefined): void {
    if (this.#reasons.get(part) === reason) return;
    if (reason === undefined) this.#reasons.delete(part);
    else this.#reasons.set(part, reason);
    for (const listener of this.#listeners) listener(this.troubles);
  }
}
