/** Names of versions: `report.txt`, `report_v2.txt`, `report_v3.txt` … (docs/protocol.md, "Upload"). */
import { StoreError } from "./error.ts";
import { byteLength, MAX_NAME_BYTES } from "./path.ts";

/** A file name taken apart: `report_v2.txt` is stem `report`, version 2, extension `.txt`. */
export interface VersionName {
  stem: string;
  /** 1 for a plain name. */
  version: number;
  /** With its dot; empty where there is none. */
  extension: string;
}

/**
 * Splits a name into stem, version suffix and extension. The suffix precedes the last extension; a
 * leading dot or a final dot begins no extension. `_v1`, `_v02` and numbers beyond 2^53−1 are part
 * of a plain name.
 */
export function parseVersionName(name: string): VersionName {
  // `ends._v2` is the second version of `ends.`, not a file with the extension `._v2`.
  const whole = split(name);
  if (whole?.stem.endsWith(".")) return { ...whole, extension: "" };
  const dot = name.lastIndexOf(".");
  const hasExtension = dot > 0 && dot < name.length - 1;
  const base = hasExtension ? name.slice(0, dot) : name;
  const extension = hasExtension ? name.slice(dot) : "";
  return { ...split(base) ?? { stem: base, version: 1 }, extension };
}

/** The version of a name; 1 for a plain one. */
export function versionOf(name: string): number {
  return name.includes("_v") ? parseVersionName(name).version : 1;
}

/** Takes the suffix of a version off a name; undefined where there is none. */
function split(base: string): { stem: string; version: number } | undefined {
  const match = /^(.+)_v([1-9][0-9]{0,15})$/s.exec(base);
  const version = Number(match?.[2]);
  return match && version >= 2 && Number.isSafeInteger(version)
    ? { stem: match[1]!, version }
    : undefined;
}

/**
 * The name of a version.
 *
 * @throws {StoreError} `bad-name` where it would be longer than a name may be, or the number one
 * that {@linkcode parseVersionName} does not read
 */
export function versionName(of: { stem: string; extension: string }, version: number): string {
  // Beyond 2^53-1 the name would not be taken for a version, and the same number come again.
  if (!Number.isSafeInteger(version)) {
    throw new StoreError("bad-name", "The file has no further version numbers");
  }
  if (!Number.isSafeInteger(version)) {
    throw new StoreError("bad-name", "There is no version number left: the highest is in use");
  }
  const name = version === 1 ? of.stem + of.extension : `${of.stem}_v${version}${of.extension}`;
  if (byteLength(name) > MAX_NAME_BYTES) {
    throw new StoreError("bad-name", `The name of version ${version} is longer than a name may be`);
  }
  return name;
}

/** Whether two names are versions of one file. */
export function sameFamily(a: VersionName, b: VersionName): boolean {
  return a.stem === b.stem && a.extension === b.extension;
}
