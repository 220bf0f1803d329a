/** The client at ports that are not the native one, and at servers that say nothing. */
import { isLeftOut } from "../../support/engine.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { startServer } from "../../support/server.ts";
import { runClient } from "../../support/client/client.ts";

const NATIVE = "the native one is usually 9000.";

/** Takes connections at a free port, and says something to each. */
function listen(greeting: string): Disposable & { port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.Conn[] = [];
  (async () => {
    for await (const connection of listener) {
      open.push(connection);
      connection.write(new TextEncoder().encode(greeting)).catch(() => {});
    }
  })();
  return {
    port: listener.addr.port,
    [Symbol.dispose]() {
      listener.close();
      for (const connection of open) connection.close();
    },
  };
}

Deno.test("the client at another port than the native one", async (t) => {
  await using server = await startServer({ web: true, ftp: true });
  const { web, ftp, ftps } = server.info;
  using ssh = listen("SSH-2.0-OpenSSH_9.2\r\n");
  using silent = listen("");
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("hello"),
  );
  const env = { TOWPATH_CA: server.ca, TOWPATH_USER: "admin", TOWPATH_PASSWORD: "x" };
  const at = async (port: number, args: string[]) => {
    const more = args[0] === "trust" ? [`localhost:${port}`] : ["--server", `localhost:${port}`];
    const { code, stderr } = await runClient([...args, ...more], { env });
    assertEquals(code, 7, stderr);
    return stderr.slice(stderr.indexOf(": ") + 2).trimEnd();
  };

  const kinds: [string, number, string][] = [
    ["web", web!.port, `that is the web port; ${NATIVE}`],
    ["FTP", ftp!.port, `that is an FTP port; ${NATIVE}`],
    ["FTPS", ftps!.port, `that is an FTPS port; ${NATIVE}`],
    ["SSH", ssh.port, `that is an SSH port; ${NATIVE}`],
    ["HTTP", http.addr.port, `that is the port of a web server without TLS; ${NATIVE}`],
  ];
  for (const [kind, port, said] of kinds) {
    await t.step(kind, async () => {
      assertEquals(await at(port, ["whoami"]), said);
      assertEquals(await at(port, ["trust"]), said);
    });
  }

  await t.step("a port that says nothing, after --timeout", async () => {
    const said = `that port sent nothing for 0.3 s; ${NATIVE}`;
    assertEquals(await at(silent.port, ["whoami", "--timeout", "300ms"]), said);
    assertEquals(await at(silent.port, ["trust", "--timeout", "300ms"]), said);
  });

  await t.step("nothing there", async () => {
    const { port } = listenOnce();
    for (const command of ["whoami", "trust"]) {
      assertMatch(await at(port, [command]), /^the connection was refused\. Is the server running/);
    }
  });

  await t.step({
    name: "--timeout holds while the login is waited for",
    ignore: isLeftOut("a certificate that the server made"),
    async fn() {
      using native = Deno.listenTls({
        hostname: "127.0.0.1",
        port: 0,
        cert: Deno.readTextFileSync(`${server.data}/tls/server.pem`),
        key: Deno.readTextFileSync(`${server.data}/tls/server.key`),
        alpnProtocols: ["towpath/1"],
      });
      const accepted: Deno.Conn[] = [];
      (async () => {
        for await (const connection of native) accepted.push(connection);
      })().catch(() => {});
      assertMatch(
        await at(native.addr.port, ["whoami", "--timeout", "500ms"]),
        /silent for [\d.]+ s/,
      );
      for (const connection of accepted) connection.close();
    },
  });
});

/** A port at which nothing listens any more. */
function listenOnce(): { port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return { port };
}
