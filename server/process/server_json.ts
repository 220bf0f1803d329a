/** `server.json`: describes the running server to other programs (docs/cli.md). */
import { join } from "@std/path";
import { certificateState } from "../certificates/certificate_state.ts";
import type { Certificate } from "../certificates/certificates.ts";
import { isThere, PLACES, removeIfThere, writePrivateFile } from "../data/data_directory.ts";
import type { DoorPlace } from "./doors.ts";
import type { ListenerName } from "../door/door.ts";
import { SERVER_INFO } from "../door/version.ts";

interface Place {
  host: string;
  port: number;
}

/** The content of `server.json`; doors that are not open are null. */
export interface ServerJson extends Record<ListenerName, Place | null> {
  pid: number;
  version: string;
  /** The file of the authority that was made, or null where `--cert` was given. */
  ca: string | null;
  /** The certificate in use; absent from servers of an earlier version. */
  certificate?: CertificateSummary;
}

/** The certificate in `server.json`. */
export interface CertificateSummary {
  /** Start and end of its time, ms since the epoch. */
  from: number;
  until: number;
  /** SHA-256 of the leaf in DER, upper-case pairs with colons. */
  fingerprint: string;
  /** Problem with its files when they were last read; the reader checks its dates. */
  trouble: string | null;
}

function summaryOf({ cert, trouble }: Certificate): CertificateSummary {
  const { fromMs, endMs, fingerprint, trouble: own } = certificateState(cert);
  return { from: fromMs, until: endMs, fingerprint, trouble: trouble ?? own };
}

/** Writes it, once the server can be used, and whenever its content changes. */
export function writeServerJson(
  data: string,
  certificate: Certificate,
  doors: DoorPlace[],
): void {
  const place = (name: ListenerName): Place | null => {
    const door = doors.find((door) => door.name === name);
    return door ? { host: door.host, port: door.port } : null;
  };
  const content: ServerJson = {
    pid: Deno.pid,
    version: SERVER_INFO.version,
    ca: certificate.caFile,
    certificate: summaryOf(certificate),
    native: place("native"),
    ftp: place("ftp"),
    ftps: place("ftps"),
    web: place("web"),
  };
  writePrivateFile(join(data, PLACES.serverJson), JSON.stringify(content, null, 2) + "\n");
}

/** Whether it is there. */
export function isServerJsonThere(data: string): boolean {
  return isThere(join(data, PLACES.serverJson));
}

/** Removes it. */
export function removeServerJson(data: string): void {
  removeIfThere(join(data, PLACES.serverJson));
}

/** Reads it; undefined if it does not exist. It may be left over from a server that was killed. */
export function readServerJson(data: string): ServerJson | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(join(data, PLACES.serverJson)));
  } catch {
    return undefined;
  }
}
