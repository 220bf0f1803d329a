import { CONTROL } from "../../common/printable.ts";
import { StoreError } from "../contract/error.ts";

/** Most characters of a label. */
const MAX_LENGTH = 200;

/**
 * A name that a user gives to a token or a link.
 *
 * @throws {StoreError} `bad-request` where it cannot be shown on one line
 */
export function checkedLabel(label: string): string {
  if (!label.isWellFormed() || CONTROL.test(label)) {
    throw new StoreError("bad-request", `The "label" contains a control character`);
  }
  if (label.length <= MAX_LENGTH) return label;
  throw new StoreError("bad-request", `The "label" is longer than ${MAX_LENGTH} characters`);
}
