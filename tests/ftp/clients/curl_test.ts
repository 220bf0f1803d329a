/** curl against the FTP door, in explicit and implicit TLS, its authority verified. */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { curl } from "./commands.ts";
import { MIB, noise, sameFile } from "./samples.ts";
import { MODES, Place } from "./place.ts";
import { testWith } from "./programs.ts";

testWith(["curl"], "curl lists, transfers, resumes, renames and deletes", async (t) => {
  await using place = await Place.start();
  for (const mode of MODES) {
    const ok = (path: string, ...options: string[]) => place.ok(curl(place, mode, path, options));
    const dir = `curl-${mode}`;
    const content = noise(2 * MIB + 7);
    const local = place.write("local.bin", content);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content)).toHex();

    await t.step(`${mode}: upload into directories that it makes, list, download`, async () => {
      const trace = await ok(`${dir}/x%20y/a.bin`, "--ftp-create-dirs", "-T", local);
      // 226 tells the hash of what was stored.
      assertMatch(trace, new RegExp(`^< 226.*${hash}`, "m"));
      sameFile(await place.stored(`${dir}/x y/a.bin`), content);
      assertMatch(await ok(`${dir}/x%20y/`), /^-rw\S+ +1 .* 2097159 .* a\.bin\r?$/m);
      assertMatch(await ok(`${dir}/`, "--list-only"), /^x y\r?$/m);
      await ok(`${dir}/x%20y/a.bin`, "-R", "-o", `back-${mode}`);
      sameFile(place.path(`back-${mode}`), content);
      // -R keeps the time, as MDTM tells it.
      const [here, there] = [place.path(`back-${mode}`), await place.stored(`${dir}/x y/a.bin`)]
        .map((path) => Math.floor(Deno.statSync(path).mtime!.getTime() / 1000));
      assertStrictEquals(here, there);
      assertMatch(await ok(`${dir}/x%20y/a.bin`, "-I"), /^Content-Length: 2097159\r?$/m);
    });

    await t.step(`${mode}: a range, which curl ends with ABOR`, async () => {
      const trace = await ok(`${dir}/x%20y/a.bin`, "-r", "1000-1999", "-o", `range-${mode}`);
      sameFile(place.path(`range-${mode}`), content.subarray(1000, 2000));
      assertMatch(trace, /^> REST 1000\r?$/m);
      assertMatch(trace, /^> ABOR/m);
    });

    await t.step(`${mode}: a killed upload is not visible, and -C - continues it`, async () => {
      const path = `${dir}/r.bin`;
      const slow = curl(place, mode, path, ["--limit-rate", "1000000", "-T", local]);
      await place.killUploading(path, slow);
      const trace = await ok(path, "-C", "-", "-T", local);
      assertMatch(trace, /^> APPE r\.bin/m);
      sameFile(await place.stored(path), content);
      assertMatch(trace, new RegExp(`^< 226.*${hash}`, "m"));
    });

    await t.step(`${mode}: -C - continues a download`, async () => {
      place.write(`half-${mode}`, content.subarray(0, MIB));
      const trace = await ok(`${dir}/r.bin`, "-C", "-", "-o", `half-${mode}`);
      assertMatch(trace, /^> REST 1048576/m);
      sameFile(place.path(`half-${mode}`), content);
    });

    await t.step(`${mode}: append, rename, delete, and what fails`, async () => {
      await ok(`${dir}/r.bin`, "-a", "-T", place.write("more", new Uint8Array(9)));
      assertEquals(Deno.statSync(await place.stored(`${dir}/r.bin`)).size, content.length + 9);
      await ok(`${dir}/`, "-Q", `-RNFR r.bin`, "-Q", "-RNTO s.bin", "-o", "/dev/null");
      assert(await place.has(`${dir}/s.bin`) && !await place.has(`${dir}/r.bin`));
      await ok(`${dir}/`, "-Q", "-DELE s.bin", "-o", "/dev/null");
      assert(!await place.has(`${dir}/s.bin`));
      const missing = await place.run(curl(place, mode, `${dir}/none`, []));
      assertEquals(missing.code, 78, missing.err); // CURLE_REMOTE_FILE_NOT_FOUND
      const denied = curl(place, mode, "", ["-u", "admin:wrong"]);
      assertEquals((await place.run(denied)).code, 67); // CURLE_LOGIN_DENIED
    });
  }
});

testWith(["curl"], "curl is refused without TLS, and before it sends a password", async () => {
  await using place = await Place.start();
  const plain = ["curl", "-q", "-sS", "-v", "-u", `${place.user}:${place.password}`];
  const { code, err } = await place.run([...plain, `${place.url("explicit")}/`]);
  assertEquals(code, 67, err);
  assertNotMatch(err, /^> PASS/m);
  assertMatch(err, /^< 530.*TLS/m);
});
