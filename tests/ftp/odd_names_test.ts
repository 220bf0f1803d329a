/** Listings over FTP of names that other programs put into the tree. */
import assert from "node:assert/strict";
import { ftpHolds } from "../support/ftp.ts";
import { onDisk } from "../support/native.ts";

ftpHolds(
  "a listing has one line for each entry, whatever is in its name",
  async ({ server }, alice) => {
    Deno.mkdirSync(onDisk(server, "d"));
    for (const name of ["a", "new\nline", "new\r\nline", "c1\u0085", "esc\x1b[31m", "e\u0301"]) {
      Deno.writeTextFileSync(onDisk(server, `d/${name}`), "x");
    }
    const shown = ["a", "c1%C2%85", "esc%1B[31m", "new%0Aline", "new%0D%0Aline", "\u00e9"].sort();
    const names = await alice.lines("NLST d");
    assert.deepEqual(names.toSorted(), shown);
    for (const command of ["LIST d", "MLSD d"]) {
      const lines = await alice.lines(command);
      assert.equal(lines.length, shown.length, command);
      for (const line of lines) assert.ok(shown.some((name) => line.endsWith(` ${name}`)), line);
    }
    for (const name of shown) {
      await alice.ask(`SIZE d/${name}`, 213);
      await alice.ask(`MLST d/${name}`, 250);
      await alice.ask(`RNFR d/${name}`, 350);
      await alice.ask(`RNTO d/moved ${name}`, 250);
      await alice.ask(`DELE d/moved ${name}`, 250);
    }
    await alice.ask("RMD d", 250);
  },
);
