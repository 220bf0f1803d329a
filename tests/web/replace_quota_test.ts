/** A file can be replaced by one that fits the quota once the old one is gone, at every door. */
import { assertEquals } from "@std/assert";
import { openFtpDoor } from "../../server/ftp/door.ts";
import { FtpClient } from "../support/ftp_client.ts";
import { addAccount } from "../support/in_process.ts";
import { is, KIB, login, randomBytes } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import { Tus } from "../support/tus.ts";
import { holdsWeb } from "../support/web.ts";
import { WebProgram } from "../support/web_program.ts";

const QUOTA = 2000 * KIB;
const SIZE = 1500 * KIB; // more than what leaves no record at first

holdsWeb(
  "1.5 of 2 MB used: 1.5 MB replace them by every door, and no more than fits",
  async (bench) => {
    const { server } = bench;
    await addAccount(server.vault, "q", "rwcd", QUOTA);
    using native = await login(server, "q");
    const program = await WebProgram.login(bench, "q");
    const browser = await bench.browser("q");
    const door = await openFtpDoor({ ...server.doorOptions, port: 0 }, {
      implicitTls: false,
      allowPlain: false,
      overwrite: "replace",
      passivePorts: null,
      publicAddress: null,
    });
    try {
      await browser.page("/files/");
      using ftp = await FtpClient.login({ port: door.port, caText: server.caText }, "q");
      await ftp.ask("TYPE I", 200);
      is(await native.upload("f", randomBytes(SIZE)), "OK", 226);
      const doors: Record<string, (content: Uint8Array<ArrayBuffer>) => Promise<boolean>> = {
        "native, size announced": async (content) =>
          (await native.upload("f", content, { overwrite: true, file_size: content.length }))
            .code === 226,
        "native, size unknown": async (content) =>
          (await native.upload("f", content, { overwrite: true })).code === 226,
        "PUT": async (body) =>
          (await program.ask("/files/f", { method: "PUT", body })).status === 204,
        "tus": async (content) => {
          const tus = new Tus(program);
          const metadata = { path: "/f", ifexists: "overwrite" };
          const headers = { "upload-length": String(content.length) };
          const created = await tus.ask("POST", "/tus/", headers, metadata);
          if (created.status !== 201) return false;
          return (await tus.patch(created.headers.get("location")!, 0, content)).status === 204;
        },
        "form": async (content) => {
          const body = new FormData();
          body.set("if-exists", "overwrite");
          body.set("file", new Blob([content]), "f");
          const path = `/actions/upload?directory=/&csrf=${browser.csrfToken}`;
          const reply = await browser.fetch(path, { method: "POST", body });
          await reply.body?.cancel();
          return reply.status === 303;
        },
        "FTP": async (content) => {
          const { code } = await ftp.store("STOR f", content);
          return code === 226;
        },
      };
      for (const [name, replace] of Object.entries(doors)) {
        const content = randomBytes(SIZE);
        assertEquals(await replace(content), true, name);
        const { content: stored } = await native.download("f");
        assertEquals(sha256(stored), sha256(content), name);
        const tooLarge = replace(randomBytes(QUOTA + KIB));
        assertEquals(await tooLarge.catch(() => false), false, `${name}, too large`); // or cut
        for (
          const { temp_id } of is(await native.ask("PARTS"), "OK").parts as { temp_id: string }[]
        ) {
          is(await native.ask("ABOR", { temp_id, discard: true }), "OK");
        }
        assertEquals(
          await server.catalog.usage("q"),
          { usedBytes: SIZE, reservedBytes: 0 },
          name,
        );
      }
      // Where both contents are kept, both count.
      is(await native.upload("f", randomBytes(SIZE), { if_exists: "version" }), "QUOTA_EXCEEDED");
    } finally {
      await door.close(0);
    }
  },
);

holdsWeb(
  "the replaced file's bytes count for one upload at a time, and are free again at its end",
  async (bench) => {
    const { server } = bench;
    await addAccount(server.vault, "q", "rwcd", QUOTA);
    using one = await login(server, "q");
    using two = await login(server, "q");
    const announced = { filename: "f", file_size: SIZE, overwrite: true };
    is(await one.upload("f", randomBytes(SIZE)), "OK", 226);
    const begin = async () => {
      const { temp_id } = is(await one.ask("UPLOAD", announced), "OK", 150);
      await one.data(randomBytes(SIZE));
      is(await two.ask("UPLOAD", announced), "QUOTA_EXCEEDED"); // both parts would be on the disk
      return temp_id;
    };
    // Removed in between: it fits. Renamed in between: both would be there.
    await begin();
    is(await two.ask("DELE", { filename: "f" }), "OK");
    await one.send("END");
    is(await one.reply(), "OK", 226);
    const temp_id = await begin();
    is(await two.ask("RENAME", { from: "f", to: "g" }), "OK");
    await one.send("END");
    is(await one.reply(), "QUOTA_EXCEEDED");
    const { entries } = is(await two.ask("LIST"), "OK");
    assertEquals((entries as { name: string }[]).map(({ name }) => name), ["g"]);
    is(await one.ask("ABOR", { temp_id, discard: true }), "OK");
    assertEquals(await server.catalog.usage("q"), { usedBytes: SIZE, reservedBytes: 0 });
  },
);
