/** tus where requests of one upload come to several workers. */
import { assertEquals } from "@std/assert";
import { startServer } from "../../support/server.ts";

Deno.test("every worker reports the offset that another one has acknowledged", async () => {
  await using server = await startServer({ web: true, args: ["--workers", "2"] });
  const address = `https://localhost:${server.info.web!.port}`;
  const authorization = `Basic ${btoa(`admin:${server.password}`)}`;
  /** On a connection of its own, which either worker accepts. */
  const ask = async (method: string, path: string, headers: Record<string, string>, body = "") => {
    using client = Deno.createHttpClient({ caCerts: [server.caText], poolMaxIdlePerHost: 0 });
    const reply = await fetch(address + path, {
      method,
      client,
      headers: { authorization, "tus-resumable": "1.0.0", ...headers },
      ...(body !== "" && { body }),
    });
    await reply.body?.cancel();
    return reply;
  };
  const metadata = `path ${btoa("/f")}`;
  const made = await ask("POST", "/tus/", { "upload-length": "24", "upload-metadata": metadata });
  const at = made.headers.get("location")!;
  const type = { "content-type": "application/offset+octet-stream" };
  for (let offset = 0; offset < 24; offset++) {
    const sent = await ask("PATCH", at, { ...type, "upload-offset": String(offset) }, "x");
    assertEquals([sent.status, sent.headers.get("upload-offset")], [204, String(offset + 1)]);
    const reported = await ask("HEAD", at, {});
    assertEquals([reported.status, reported.headers.get("upload-offset")], [
      200,
      String(offset + 1),
    ]);
  }
});
