/** Content of a backup, and the format of its list of the accounts' files. */
import { PLACES } from "../../data/data_directory.ts";
import { failure } from "../../options/error.ts";
import type { LeftOut, TreeEntry } from "./tree.ts";

/** The server's own files that a backup holds beside the catalog, where they are there. */
export const OWN_FILES: readonly string[] = [
  ...["ca.pem", "ca.key", "server.pem", "server.key"].map((name) => `${PLACES.tls}/${name}`),
  PLACES.config,
];

/** Name of the list of the accounts' files. */
export const MANIFEST = "files.jsonl";

/** A line of the list. */
export type ManifestLine =
  /** Files have their SHA-256 in hex. */
  | (TreeEntry & { sha256?: string })
  | LeftOut;

/** Whether a line is of something that is not in the backup. */
export function isLeftOut(line: ManifestLine): line is LeftOut {
  return "reason" in line;
}

/** The list as text: one line of JSON for each entry. */
export function writeManifest(lines: readonly ManifestLine[]): Uint8Array[] {
  const encoder = new TextEncoder();
  return lines.map((line) => encoder.encode(JSON.stringify(line) + "\n"));
}

/** Reads the list. @throws {ExitError} where a line is damaged */
export function readManifest(text: string): ManifestLine[] {
  return text.split("\n").filter((line) => line !== "").map((line, index) => {
    try {
      return JSON.parse(line);
    } catch (error) {
      throw failure(
        `The list of files in the backup, ${MANIFEST}, is damaged at line ${index + 1}: ` +
          "take another backup",
        error,
      );
    }
  });
}
