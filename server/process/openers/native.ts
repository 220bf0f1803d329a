import { openNativeDoor } from "../../native/door.ts";
import type { Openers } from "./opener.ts";

/** The native door. */
export const NATIVE: Openers = { native: openNativeDoor };
