/** `--log-level debug`: lines that follow one request through the rooms. */
import { assert, assertEquals, assertNotMatch } from "@std/assert";
import { join } from "@std/path";
import { FtpClient } from "../support/ftp_client.ts";
import { until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer } from "../support/server.ts";
import { WebClient } from "../support/web.ts";
import { basic, WebProgram } from "../support/web_program.ts";

interface Line {
  source: string;
  message: string;
  request?: string;
  upload?: string;
}

Deno.test("debug lines follow each request through door, vault, commit and parts", async () => {
  await using server = await startServer({
    ftp: true,
    web: true,
    args: ["--log-level", "debug", "--log-format", "json"],
  });
  const { password, caText, info } = server;
  const lines = () =>
    Deno.readTextFileSync(join(server.data, "logs/server.log")).trim().split("\n")
      .map((text): Line => JSON.parse(text));
  const about = async (name: string, rooms: string[]): Promise<Line[]> => {
    let found: Line[] = [];
    await until(`the lines about ${name} are written`, () => {
      const ids = new Set(
        lines().filter(({ message, request, ...rest }) =>
          request !== undefined && (message + JSON.stringify(rest)).includes(name)
        ).map(({ request }) => request),
      );
      found = lines().filter(({ request }) => ids.has(request));
      return Promise.resolve(rooms.every((room) => found.some(({ source }) => source === room)));
    });
    return found;
  };

  using native = await RawClient.login(server, "admin", password);
  await native.upload("by-native.txt", "content");
  const name = 'forged"\n2026-01-01T00:00:00.000Z ERROR x: {"level":"error"}\u202e';
  await native.ask("STAT", { filename: name });
  const uploaded = await about("/by-native.txt", ["native", "vault", "commit"]);
  // Two requests: the upload's, and the one that ended it.
  const commit = uploaded.find(({ source }) => source === "commit")!;
  const begun = uploaded.find(({ source, message }) =>
    source === "native" && message.startsWith("UPLOAD")
  )!;
  assertEquals(commit.request, begun.request);

  const ftp = await FtpClient.login({ port: info.ftp!.port, caText }, "admin", password);
  assertEquals((await ftp.store("STOR by-ftp.txt", "x")).code, 226);
  ftp.close();
  const stored = await about("by-ftp.txt", ["ftp", "vault", "commit"]);
  assertEquals(new Set(stored.map(({ request }) => request)).size, 1);

  const program = new WebProgram(new WebClient(info.web!.port, caText), basic("admin", password));
  await program.ask("/files/by-web.txt", { method: "PUT", body: "x" });
  program.client.close();
  await about("/by-web.txt", ["web", "vault", "commit"]);

  const text = Deno.readTextFileSync(join(server.data, "logs/server.log"));
  for (const secret of [password, basic("admin", password).slice(6)]) {
    assert(!text.includes(secret), "no secret");
  }
  assertNotMatch(text, /^2026-01-01T00|\u202e/m);
  assert(lines().length > 10); // each is JSON
});
