/** The FTP door over IPv4 and IPv6 on one listener, by clients that use EPSV, PASV and EPRT. */
import { curl, lftpTo, python } from "./commands.ts";
import { MIB, noise, sameFile } from "./samples.ts";
import { MODES, Place } from "./place.ts";
import { testWith } from "./programs.ts";

testWith(["curl", "lftp", "python3"], "clients transfer over IPv4 and IPv6", async (t) => {
  await using place = await Place.start(["--host", "::"]);
  const content = noise(MIB);
  const local = place.write("local.bin", content);
  for (const mode of MODES) {
    for (const host of ["127.0.0.1", "[::1]"]) {
      await t.step(`${mode} over ${host}: curl, lftp and ftplib, up and down`, async () => {
        const name = `${mode}-${host.length}`;
        await place.ok(curl(place, mode, name, ["-T", local], host));
        sameFile(await place.stored(name), content);
        await place.ok(lftpTo(place.url(mode, host), place, [`get ${name}`]));
        sameFile(place.path(name), content);
        const bare = host.replace(/[[\]]/g, "");
        await python(place, "ftplib_client.py", mode, { host: bare, args: [`${name}-dir`] });
      });
    }
  }
});
