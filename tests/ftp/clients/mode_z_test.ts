/** lftp with and without MODE Z, at this server and at ProFTPD: the same commands, the same files. */
import { assert, assertEquals } from "@std/assert";
import { startProftpd } from "../../support/peers/proftpd.ts";
import { lftpTo } from "./commands.ts";
import { Place } from "./place.ts";
import { testWith } from "./programs.ts";

testWith(["lftp", "proftpd"], "lftp with and without MODE Z, here and at ProFTPD", async (test) => {
  await using place = await Place.start(["--ftp-mode-z"]);
  await using peer = await startProftpd();
  const lines = Array.from({ length: 15_000 }, (_, i) => `line ${i * 7919} of a long text\n`);
  const text = new TextEncoder().encode(lines.join(""));
  // ProFTPD takes content that does not shrink slowly: 40 KB a second.
  const random = crypto.getRandomValues(new Uint8Array(60_000));
  const contents = { "a.txt": text, "b.bin": random, empty: new Uint8Array() };
  for (const [name, content] of Object.entries(contents)) {
    await Deno.writeFile(place.path(name), content);
  }
  await Deno.writeFile(place.path("half"), text.subarray(0, 200_000));

  for (const mode of ["yes", "no"] as const) {
    const scripts = {
      here: (...actions: string[]) => lftpTo(place.url("explicit"), place, actions),
      "at ProFTPD": (...actions: string[]) => {
        const login = `open -u ${peer.user},'${peer.password}' ftp://127.0.0.1:${peer.port}`;
        const fixed = ["set ftp:ssl-allow no", "set net:max-retries 2", "set cmd:fail-exit yes"];
        return ["lftp", "--norc", "-d", "-c", [...fixed, login, ...actions].join("; ")];
      },
    };
    for (const [where, script] of Object.entries(scripts)) {
      await test.step(`${where}, MODE Z: ${mode}`, async () => {
        const files = Object.keys(contents);
        const prefix = `${mode} ${where}`.replaceAll(" ", "-");
        // The second half of a download, of an upload, and a listing.
        await Deno.writeFile(place.path(`${prefix}-part`), text.subarray(0, 100_000));
        const said = await place.ok(script(
          `set ftp:use-mode-z ${mode}`,
          `lcd ${place.home}`,
          ...files.map((name) => `put ${name} -o ${prefix}-${name}`),
          ...files.map((name) => `get ${prefix}-${name} -o ${prefix}-back-${name}`),
          `get -c ${prefix}-a.txt -o ${prefix}-part`,
          `put half -o ${prefix}-continued`,
          `put -c a.txt -o ${prefix}-continued`,
          `get ${prefix}-continued -o ${prefix}-back-continued`,
          "cls -l",
        ));
        assertEquals(said.includes("---> MODE Z"), mode === "yes");
        const back = (name: string) => Deno.readFileSync(place.path(`${prefix}-${name}`));
        const same = (name: string, content: Uint8Array) =>
          assert(equal(back(name), content), `${name} ${where}, MODE Z: ${mode}`);
        for (const [name, content] of Object.entries(contents)) same(`back-${name}`, content);
        same("part", text);
        same("back-continued", text);
        assert(said.includes(`${prefix}-b.bin`));
      });
    }
  }
});

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
