/** Times over FTP, far from today too. */
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { ftpHolds } from "../support/ftp.ts";

ftpHolds(
  "MFMT and SITE UTIME set times from the year 1 to 9999, and report the stored time",
  async (_, alice) => {
    await alice.store("STOR f", "x");
    for (const time of ["19690720201756", "19011213204552", "00010101000000", "99991231235959"]) {
      const kept = /Modify=(\d{14});/.exec((await alice.ask(`MFMT ${time} f`, 213)).text)?.[1];
      assert(kept !== undefined);
      if (/^19/.test(time)) assertStrictEquals(kept, time);
      assertMatch((await alice.ask("MDTM f", 213)).text, new RegExp(kept));
      assertMatch((await alice.ask("MLST f", 250)).text, new RegExp(`modify=${kept};.*X.sha256=`));
      const [line] = await alice.lines("LIST");
      assertMatch(line!, new RegExp(` ${kept.slice(0, 4)} f$`));
    }
    await alice.ask("SITE UTIME 196907202017 f", 200);
    assertMatch((await alice.ask("MDTM f", 213)).text, /19690720201700/);
    for (const time of ["00000101000000", "19690732000000", "1969072020175", "100000101000000"]) {
      await alice.ask(`MFMT ${time} f`, 501);
    }
  },
);
