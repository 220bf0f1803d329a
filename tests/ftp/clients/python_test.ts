/** Python's ftplib, and FileZilla's sequence of commands over it, against the FTP door. */
import { assertMatch } from "@std/assert";
import { python } from "./commands.ts";
import { MODES, Place } from "./place.ts";
import { testWith } from "./programs.ts";

testWith(["python3"], "ftplib, FileZilla's sequence, cut uploads, fifty sessions", async (t) => {
  await using place = await Place.start();
  for (const mode of MODES) {
    await t.step(`${mode}: ftplib lists, transfers, resumes, renames and deletes`, async () => {
      await python(place, "ftplib_client.py", mode, { args: [`ftplib-${mode}`] });
    });
    await t.step(`${mode}: FileZilla's sequence of commands`, async () => {
      await python(place, "filezilla.py", mode, { args: [`filezilla-${mode}`] });
    });
    for (const how of ["fin", "rst"]) {
      await t.step(
        `${mode}: an upload cut (${how}) is 426, unseen, and resumed whole`,
        async () => {
          await python(place, "cut.py", mode, { args: [how] });
        },
      );
    }
    await t.step(`${mode}: fifty sessions transfer at once`, async () => {
      assertMatch(await python(place, "sessions.py", mode), /^50 sessions$/m);
    });
  }
});
