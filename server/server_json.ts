/** `server.json`: tells other programs of the running server (docs/cli.md). */
import { join } from "node:path";
import { PLACES, removeIfThere, writePrivateFile } from "./data_directory.ts";
import type { DoorPlace } from "./doors.ts";
import type { DoorName } from "./door.ts";
import { SERVER_INFO } from "./version.ts";

interface Place {
  host: string;
  port: number;
}

/** The content of `server.json`; doors that are not open are null. */
export interface ServerJson extends Record<DoorName, Place | null> {
  pid: number;
  version: string;
  /** The file of the authority that was made, or null where `--cert` was given. */
  ca: string | null;
}

/** Writes it, once the server can be used. */
export function writeServerJson(data: string, caFile: string | null, doors: DoorPlace[]): void {
  const place = (name: DoorName): Place | null => {
    const door = doors.find((door) => door.name === name);
    return door ? { host: door.host, port: door.port } : null;
  };
  const content: ServerJson = {
    pid: Deno.pid,
    version: SERVER_INFO.version,
    ca: caFile,
    native: place("native"),
    ftp: place("ftp"),
    ftps: place("ftps"),
    web: place("web"),
  };
  writePrivateFile(join(data, PLACES.serverJson), JSON.stringify(content, null, 2) + "\n");
}

/** Removes it. */
export function removeServerJson(data: string): void {
  removeIfThere(join(data, PLACES.serverJson));
}

/** Reads it, or tells that there is none. It may be left over from a server that was killed. */
export function readServerJson(data: string): ServerJson | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(join(data, PLACES.serverJson)));
  } catch {
    return undefined;
  }
}
