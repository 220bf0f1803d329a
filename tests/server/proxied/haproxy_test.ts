/** Doors behind a real HAProxy in TCP mode, with both versions of the header. */
import { assertEquals } from "@std/assert";
import { testWith } from "../../ftp/clients/programs.ts";
import { until } from "../../support/certificate.ts";
import { FtpClient } from "../../support/ftp_client.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer } from "../../support/server.ts";
import { freePort } from "../../support/machine/free_port.ts";

const ADMIN = ["admin", "correct horse battery"] as const;
/** Where HAProxy listens, and where it connects from. */
const [FRONT, BACK] = ["127.0.0.4", "127.0.0.2"];

/** Three ports in a row that were free just now. */
function freeRange(): number {
  for (;;) {
    const first = freePort();
    try {
      const ports = [0, 1, 2].map((index) =>
        Deno.listen({ hostname: "0.0.0.0", port: first + index })
      );
      for (const listener of ports) listener.close();
      return first;
    } catch {
      continue; // taken meanwhile
    }
  }
}

for (const version of ["send-proxy", "send-proxy-v2"]) {
  testWith(["haproxy"], `HAProxy with ${version}: every door sees the client`, async () => {
    const first = freeRange();
    const range = `${first}-${first + 2}`;
    const args = ["--trusted-proxy", BACK, "--ftp-passive-ports", range, "--name", FRONT];
    await using server = await startServer({ web: true, ftp: true, args });
    const { native, ftp, ftps, web } = server.info;
    const directory = await Deno.makeTempDir();
    const fronts = { native: freePort(), ftp: freePort(), ftps: freePort(), web: freePort() };
    const listen = (name: string, port: number, to: number) => `
listen ${name}
  bind ${FRONT}:${port}
  server n1 127.0.0.1:${to} check source ${BACK}`;
    await Deno.writeTextFile(
      `${directory}/haproxy.cfg`,
      `global
  maxconn 200
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
  default-server inter 1s ${version} check-send-proxy
${listen("native", fronts.native, native!.port)}
${listen("ftp", fronts.ftp, ftp!.port)}
${listen("ftps", fronts.ftps, ftps!.port)}
${listen("web", fronts.web, web!.port)}
listen data
  bind ${FRONT}:${range}
  server n1 127.0.0.1 source ${BACK}
`,
    );
    const haproxy = new Deno.Command("haproxy", {
      args: ["-db", "-f", `${directory}/haproxy.cfg`],
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await until(async () => {
        const connecting = Deno.connect({ hostname: FRONT, port: fronts.native });
        return await connecting.then((open) => (open.close(), true), () => false);
      }, "HAProxy listens");
      const { caText } = server;
      const admin = await RawClient.connect({ port: fronts.native, caText }, FRONT);
      await admin.ask("AUTH", { username: ADMIN[0], password: ADMIN[1] });
      const addresses = async () => {
        const { data } = await admin.ask("WHO");
        const { sessions } = data as unknown as { sessions: { address: string }[] };
        return sessions.map(({ address }) => address);
      };
      assertEquals(await addresses(), ["127.0.0.1"]);

      for (const [port, isImplicit] of [[fronts.ftp, false], [fronts.ftps, true]] as const) {
        const target = { port, caText, host: FRONT };
        const client = await FtpClient.login(target, ...ADMIN, isImplicit);
        assertEquals((await client.store("STOR f", "text")).code, 226);
        assertEquals((await client.retrieve("RETR f")).content.toString(), "text");
        const reported = /\((\d+,\d+,\d+,\d+)/.exec((await client.ask("PASV", 227)).text)?.[1];
        assertEquals(reported, FRONT.replaceAll(".", ","));
        assertEquals(await addresses(), ["127.0.0.1", "127.0.0.1"]);
        client.raw.destroy();
        await until(async () => (await addresses()).length === 1, "the session ends");
      }
      const http = Deno.createHttpClient({ caCerts: [caText] });
      const reply = await fetch(`https://${FRONT}:${fronts.web}/healthz`, { client: http });
      assertEquals(reply.status, 200);
      await reply.body?.cancel();
      http.close();
      admin.connection.close();
    } finally {
      haproxy.kill();
      await haproxy.status;
      await Deno.remove(directory, { recursive: true });
    }
    assertEquals(server.stderr.includes("The trusted proxy"), false, server.stderr);
  });
}
