/** The web port behind a proxy that ends TLS: plain HTTP, for trusted proxies alone. */
import { assertEquals, assertMatch } from "@std/assert";
import { request } from "node:http";
import { makeAuthority, makeLeaf } from "../../../server/certificates/make_certificates.ts";
import { testWith } from "../../ftp/clients/programs.ts";
import { until } from "../../support/certificate.ts";
import { freePort } from "../../support/machine/free_port.ts";
import { runServer, startServer } from "../../support/server.ts";
import { adminBeside } from "../../support/server_admin.ts";

const PROXY = "127.0.0.2";
const args = ["--web-plain", "--trusted-proxy", PROXY];
const FORWARDED = { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" };

interface Reply {
  status: number;
  text: string;
  headers: Record<string, string | string[] | undefined>;
}

/** Sends a request as a proxy does. @returns undefined where the connection was closed */
function ask(port: number, path: string, options: {
  headers?: Record<string, string>;
  method?: string;
  body?: string;
  from?: string;
}): Promise<Reply | undefined> {
  const { headers = FORWARDED, method = "GET", body = "", from = PROXY } = options;
  return new Promise((resolve) => {
    const all = { host: "files.example.org", "content-length": String(body.length), ...headers };
    const place = { host: "127.0.0.1", port, path, localAddress: from };
    const outgoing = request({ ...place, method, headers: all, agent: false }, (reply) => {
      let text = "";
      reply.on("data", (bytes) => text += bytes);
      reply.on(
        "end",
        () => resolve({ status: reply.statusCode!, text, headers: { ...reply.headers } }),
      );
    });
    outgoing.on("error", () => resolve(undefined));
    outgoing.end(body);
  });
}

Deno.test("the web port with --web-plain", async (test) => {
  await using server = await startServer({ web: true, args });
  const { port } = server.info.web!;
  const basic = { authorization: `Basic ${btoa(`admin:${server.password}`)}` };

  await test.step("a request counts as its client's, and TLS is taken for granted", async () => {
    const reply = await ask(port, "/api/v1/account", { headers: { ...FORWARDED, ...basic } });
    assertEquals(reply?.status, 200);
    await until(async () => {
      const text = await Deno.readTextFile(`${server.data}/logs/web.log`).catch(() => "");
      return text.includes('"203.0.113.7"');
    }, "the line of the request");
    assertMatch(server.stdout, /http:\/\/localhost:\d+\/ .*--trusted-proxy/);
  });

  await test.step("a form of its own page is accepted, its cookie is for HTTPS", async () => {
    const headers = {
      ...FORWARDED,
      origin: "https://files.example.org",
      "content-type": "application/x-www-form-urlencoded",
    };
    const body = `username=admin&password=${encodeURIComponent(server.password)}`;
    const reply = await ask(port, "/sign-in", { headers, method: "POST", body });
    assertEquals(reply?.status, 303);
    assertMatch(String(reply?.headers["set-cookie"]), /Secure/i);
  });

  await test.step("without the proxy's headers it is refused, but for health checks", async () => {
    assertEquals((await ask(port, "/", { headers: {} }))?.status, 400);
    const overHttp = { ...FORWARDED, "x-forwarded-proto": "http" };
    assertEquals((await ask(port, "/", { headers: overHttp }))?.status, 400);
    assertEquals((await ask(port, "/healthz", { headers: {} }))?.status, 200);
  });

  await test.step("others are not served", async () => {
    assertEquals(await ask(port, "/", { from: "127.0.0.1" }), undefined);
    assertEquals(await ask(port, "/healthz", { from: "127.0.0.3" }), undefined);
  });

  await test.step("a banned client is refused, and another one of the proxy is not", async () => {
    await adminBeside(server, "ban", "203.0.113.7");
    await until(async () => (await ask(port, "/sign-in", {}))?.status === 403, "the ban");
    const other = { ...FORWARDED, "x-forwarded-for": "203.0.113.7, 203.0.113.8" };
    assertEquals((await ask(port, "/sign-in", { headers: other }))?.status, 200);
  });
});

Deno.test("--web-plain without a trusted proxy is refused at the start", async () => {
  const data = await Deno.makeTempDir();
  const { code, stderr } = await runServer(["--data", data, "--web-port", "0", "--web-plain"]);
  assertEquals(code, 2);
  assertMatch(stderr, /name them with --trusted-proxy/);
  await Deno.remove(data, { recursive: true });
});

testWith(["haproxy"], "HAProxy ends TLS for the web port, and names the client", async () => {
  await using server = await startServer({ web: true, args });
  const directory = await Deno.makeTempDir();
  const authority = await makeAuthority();
  const { cert, key } = await makeLeaf(authority, ["localhost", "127.0.0.1"]);
  await Deno.writeTextFile(`${directory}/both.pem`, `${cert}${key}`);
  const front = freePort();
  await Deno.writeTextFile(
    `${directory}/haproxy.cfg`,
    `defaults
  mode http
  timeout connect 5s
  timeout client 1m
  timeout server 1m
frontend web
  bind 127.0.0.1:${front} ssl crt ${directory}/both.pem
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto https
  default_backend nodes
backend nodes
  option httpchk GET /healthz
  server n1 127.0.0.1:${server.info.web!.port} check inter 1s source ${PROXY}
`,
  );
  const haproxy = new Deno.Command("haproxy", {
    args: ["-db", "-f", `${directory}/haproxy.cfg`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const http = Deno.createHttpClient({ caCerts: [authority.cert] });
  try {
    const authorization = `Basic ${btoa(`admin:${server.password}`)}`;
    const send = (path: string, options: RequestInit = {}) =>
      fetch(`https://localhost:${front}${path}`, {
        ...options,
        client: http,
        headers: { authorization, "x-forwarded-for": "198.51.100.1" },
      } as RequestInit);
    await until(async () => {
      const status = await send("/healthz").then(async (reply) => {
        await reply.body?.cancel();
        return reply.status;
      }, () => 0);
      return status === 200;
    }, "HAProxy serves");
    const content = "x".repeat(3_000_000);
    const put = await send("/api/v1/files/large", { method: "PUT", body: content });
    assertEquals(put.status, 201);
    await put.body?.cancel();
    assertEquals(await (await send("/api/v1/files/large")).text(), content);
    const log = () => Deno.readTextFile(`${server.data}/logs/audit.log`);
    await until(async () => (await log()).includes('"upload"'), "the upload in the audit log");
    assertMatch(await log(), /"address":"127\.0\.0\.1"/);
    assertEquals((await log()).includes("198.51.100.1"), false);
  } finally {
    http.close();
    haproxy.kill();
    await haproxy.status;
    await Deno.remove(directory, { recursive: true });
  }
});
