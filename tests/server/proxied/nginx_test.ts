/** The native port behind nginx, which passes connections on with a PROXY header. */
import { assertEquals } from "@std/assert";
import { testWith } from "../../ftp/clients/programs.ts";
import { until } from "../../support/certificate.ts";
import { freePort } from "../../support/machine/free_port.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer } from "../../support/server.ts";

const BACK = "127.0.0.2";

testWith(["nginx"], "nginx with proxy_protocol: the server sees the client", async () => {
  await using server = await startServer({ args: ["--trusted-proxy", BACK] });
  const directory = await Deno.makeTempDir();
  const front = freePort();
  await Deno.writeTextFile(
    `${directory}/nginx.conf`,
    `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
pid ${directory}/nginx.pid;
error_log stderr;
events {}
stream {
  server {
    listen 127.0.0.1:${front};
    proxy_bind ${BACK};
    proxy_pass 127.0.0.1:${server.port};
    proxy_protocol on;
  }
}
`,
  );
  const nginx = new Deno.Command("nginx", {
    args: ["-p", directory, "-e", "stderr", "-c", `${directory}/nginx.conf`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const place = { port: front, caText: server.caText };
    let client: RawClient | undefined;
    await until(async () => {
      client = await RawClient.login(place, "admin", server.password).catch(() => undefined);
      return client !== undefined;
    }, "nginx serves");
    const { data } = await client!.ask("WHO");
    const { sessions } = data as unknown as { sessions: { address: string }[] };
    assertEquals(sessions.map(({ address }) => address), ["127.0.0.1"]);
    client!.connection.close();
  } finally {
    nginx.kill("SIGQUIT");
    await nginx.status;
    await Deno.remove(directory, { recursive: true });
  }
});
