// The HTTP API by curl, as a script would use it.

import { delay } from "@std/async";
import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { openWebDoor } from "../../../server/web/door.ts";
import { openInProcess, PASSWORD } from "../../support/in_process.ts";
import { MIB, randomBytes } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";
import { tokenOf } from "../../support/web_program.ts";

const content = randomBytes(3 * MIB);

/** curl against a server of its own, in a directory of its own. */
async function withCurl(
  run: (curl: (...args: string[]) => Promise<string>, directory: string) => Promise<void>,
): Promise<void> {
  await using server = await openInProcess({ durability: "relaxed" });
  const web = await openWebDoor(server.doorOptions);
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(directory, "ca.pem"), server.caText);
    const token = await tokenOf(server);
    await Deno.writeTextFile(join(directory, "token"), `Authorization: ${token}\n`);
    await Deno.writeFile(join(directory, "up.bin"), content);
    const curl = async (...args: string[]) => {
      const place = (text: string) =>
        text.replace(/^\/(api|tus)/, `https://localhost:${web.port}/$1`);
      const common = ["--silent", "--show-error", "--cacert", "ca.pem", "--max-time", "60"];
      const { code, stdout, stderr } = await new Deno.Command("curl", {
        args: [...common, ...args.map(place)],
        cwd: directory,
      }).output();
      const text = new TextDecoder().decode(stdout);
      if (code !== 0) throw new Error(`curl ${code}: ${new TextDecoder().decode(stderr)}${text}`);
      return text;
    };
    await run(curl, directory);
  } finally {
    await web.close(0);
    await Deno.remove(directory, { recursive: true });
  }
}

const STATUS = ["--output", "answer", "--write-out", "%{http_code}"];

Deno.test("curl -T stores a file, and curl fetches it, by token and by password", async () => {
  await withCurl(async (curl, directory) => {
    const token = ["--header", "@token"];
    const password = ["--user", `alice:${PASSWORD}`];
    for (const [login, status] of [[token, "201"], [password, "204"]] as const) {
      assertStrictEquals(
        await curl(...login, ...STATUS, "-T", "up.bin", "/api/v1/files/in/a.bin"),
        status,
      );
      await curl(...login, "--output", "down.bin", "/api/v1/files/in/a.bin");
      assertEquals(sha256(await Deno.readFile(join(directory, "down.bin"))), sha256(content));
    }
    // In chunks, as curl sends what comes by a pipe.
    const chunked = ["--header", "Transfer-Encoding: chunked"];
    assertEquals(
      await curl(...token, ...chunked, ...STATUS, "-T", "up.bin", "/api/v1/files/b"),
      "201",
    );
    assertMatch(await curl(...token, "/api/v1/info/b"), new RegExp(sha256(content)));
    const headers = await curl(...token, "--head", "/api/v1/files/in/a.bin");
    assertMatch(headers, new RegExp(`etag: "${sha256(content)}"`, "i"));
  });
});

Deno.test("curl takes ranges, and -C - goes on with a download that was cut", async () => {
  await withCurl(async (curl, directory) => {
    const login = ["--header", "@token"];
    await curl(...login, "-T", "up.bin", "/api/v1/files/a.bin");
    await curl(...login, "--range", "5-9", "--output", "range", "/api/v1/files/a.bin");
    assertEquals(await Deno.readFile(join(directory, "range")), content.slice(5, 10));
    await Deno.writeFile(join(directory, "down.bin"), content.subarray(0, MIB));
    await curl(...login, "-C", "-", "--output", "down.bin", "/api/v1/files/a.bin");
    assertEquals(sha256(await Deno.readFile(join(directory, "down.bin"))), sha256(content));
  });
});

Deno.test("curl -C goes on with an upload that was cut, where the server says", async () => {
  await withCurl(async (curl, directory) => {
    const login = ["--header", "@token"];
    const put = ["-T", "up.bin", "/api/v1/files/a.bin"];
    // Cut in the middle, as by --max-time or a lost network.
    await assertRejects(() => curl(...login, "--limit-rate", "1M", "--max-time", "1.5", ...put));
    let [offset, id] = [0, ""];
    for (const deadline = performance.now() + 20_000; performance.now() < deadline;) {
      const { uploads } = JSON.parse(await curl(...login, "/api/v1/uploads"));
      const kept = uploads[0];
      if (kept && !kept.active) {
        ({ offset, id } = kept);
        break;
      }
      await delay(50);
    }
    assert(offset > 0 && offset < content.length, String(offset));
    const from = ["-C", String(offset), "-T", "up.bin"];
    // Nothing identifies the upload. (With -C, curl appends to the file of the answer.)
    const alone = ["--write-out", "\n%{http_code}", ...from, "/api/v1/files/a.bin"];
    assertMatch(await curl(...login, ...alone), /\n409$/);
    const named = `/api/v1/files/a.bin?upload=${id}`;
    assertEquals(await curl(...login, ...STATUS, ...from, named), "201");
    const { hash } = JSON.parse(await Deno.readTextFile(join(directory, "answer")));
    assertEquals(hash, sha256(content));
    // Without knowing an offset curl begins again, which is right too.
    assertEquals(await curl(...login, ...STATUS, "-C", "-", ...put), "204");
  });
});

Deno.test("curl speaks tus", async () => {
  await withCurl(async (curl) => {
    const tus = ["--header", "@token", "--header", "Tus-Resumable: 1.0.0"];
    const head = await curl(
      ...tus,
      "--request",
      "POST",
      "--dump-header",
      "-",
      "--output",
      "answer",
      "--header",
      `Upload-Length: ${content.length}`,
      "--header",
      `Upload-Metadata: path ${btoa("/t.bin")}`,
      "/tus/",
    );
    const location = /^location: (\S+)/im.exec(head)![1]!;
    const patch = ["--header", "Content-Type: application/offset+octet-stream"];
    const last = await curl(
      ...tus,
      ...patch,
      ...STATUS,
      "--request",
      "PATCH",
      "--header",
      "Upload-Offset: 0",
      "--data-binary",
      "@up.bin",
      location,
    );
    assertEquals(last, "204");
    const info = JSON.parse(await curl("--header", "@token", "/api/v1/info/t.bin"));
    assertEquals(info.hash, sha256(content));
  });
});
