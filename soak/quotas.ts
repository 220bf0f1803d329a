/** Recounts the usage of accounts once the server has stopped. */
import { DatabaseSync } from "node:sqlite";
import type { Log } from "./user.ts";

interface Row {
  name: string;
  used: number;
  reserved: number;
  counted: number;
  aside: number;
  /** Uploads, commits and moves that are noted as unfinished. */
  open: number;
}

/** Reports accounts whose usage differs from the sum of their files. @returns number of accounts */
export function recount(data: string, log: Log): number {
  const catalog = new DatabaseSync(`${data}/catalog.db`, { readOnly: true });
  try {
    const rows = catalog.prepare(`
      SELECT name, used_bytes AS used, reserved_bytes AS reserved,
        (SELECT ifnull(sum(size), 0) FROM files WHERE owner = accounts.name) AS counted,
        (SELECT ifnull(sum(bytes), 0) FROM asides WHERE owner = accounts.name) AS aside,
        (SELECT count(*) FROM uploads WHERE owner = accounts.name) +
        (SELECT count(*) FROM commits WHERE owner = accounts.name) +
        (SELECT count(*) FROM moves WHERE owner = accounts.name) AS open
      FROM accounts`).all() as unknown as Row[];
    for (const { name, used, reserved, counted, aside, open } of rows) {
      if (used === counted && reserved === aside && open === 0) continue;
      log.difference(
        `${name}: ${used} bytes used where its files have ${counted}; ` +
          `${reserved} bytes reserved where ${aside} are set aside, ${open} pieces of work unfinished`,
      );
    }
    return rows.length;
  } finally {
    catalog.close();
  }
}
