/**
 * nginx, HAProxy or Caddy in front of the web port of a server that is below a path, with the lines
 * of docs/guides/reverse-proxy.md. Below every other path is another program, which answers 418.
 */
import { assert } from "@std/assert";
import { makeAuthority, makeLeaf } from "../../../server/certificates/make_certificates.ts";
import { until } from "../certificate.ts";
import { ROOT } from "../import_graph.ts";
import { freePort } from "../machine/free_port.ts";
import type { TestServer } from "../server.ts";

/** The path in the guide. */
export const BASE_PATH = "/files-and-more";
/** Proxies of the guide. */
export type ProxyName = "nginx" | "haproxy" | "caddy";

/** The proxy, running. */
export interface WebProxy extends AsyncDisposable {
  readonly origin: string;
  /** A client that trusts its certificate. */
  readonly http: Deno.HttpClient;
}

const BEGINNINGS: Record<ProxyName, RegExp> = {
  nginx: /^```nginx\n(location \/files-and-more\/.*?)^```$/ms,
  haproxy: /^```text\n( *use_backend web .*?)^```$/ms,
  caddy: /^```text\n( *redir \/files-and-more .*?)^```$/ms,
};

/** The guide's lines for a proxy, with the places of a server. */
function linesFor(name: ProxyName, server: TestServer): string {
  const guide = Deno.readTextFileSync(`${ROOT}/docs/guides/reverse-proxy.md`);
  const lines = BEGINNINGS[name].exec(guide)?.[1];
  assert(lines !== undefined, `the guide has no lines for ${name} below a path`);
  return lines
    .replaceAll("127.0.0.1:9443", `127.0.0.1:${server.info.web!.port}`)
    .replaceAll("/var/lib/towpath/tls/ca.pem", server.ca)
    // Caddy before 2.8, as the guide says.
    .replaceAll("tls_trust_pool file", "tls_trusted_ca_certs");
}

const COMMANDS: Record<ProxyName, (directory: string) => string[]> = {
  nginx: (directory) => ["nginx", "-p", directory, "-e", "stderr", "-c", `${directory}/config`],
  haproxy: (directory) => ["haproxy", "-db", "-f", `${directory}/config`],
  caddy: (dir) => ["caddy", "run", "--adapter", "caddyfile", "--config", `${dir}/config`],
};

function configOf(name: ProxyName, at: { directory: string; front: number; server: TestServer }) {
  const { directory, front, server } = at;
  const { ca } = server;
  const lines = linesFor(name, server);
  if (name === "nginx") {
    const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((kind) => `${kind}_temp_path ${directory}/tmp;`).join("\n");
    return `daemon off; pid ${directory}/pid; error_log stderr; user root; events {}
http {
  access_log off;
  ${places}
  server {
    listen 127.0.0.1:${front} ssl;
    ssl_certificate ${directory}/cert.pem;
    ssl_certificate_key ${directory}/key.pem;
    client_max_body_size 0;
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_ssl_trusted_certificate ${ca};
    proxy_ssl_verify on;
    proxy_ssl_name localhost;
    ${lines}
    location / { return 418; }
  }
}
`;
  }
  if (name === "haproxy") {
    return `defaults
  mode http
  timeout connect 5s
  timeout client 1m
  timeout server 1m
frontend web
  bind 127.0.0.1:${front} ssl crt ${directory}/both.pem
  option forwardfor
${lines}
  http-request return status 418 unless { path ${BASE_PATH} } || { path_beg ${BASE_PATH}/ }
backend web
  server towpath 127.0.0.1:${
      server.info.web!.port
    } ssl verify required ca-file ${ca} verifyhost localhost
`.replace(/(\n *use_backend[^\n]*)([^]*?)(\n *http-request[^\n]*)/, "$3$1$2"); // rules come first
  }
  return `{
  admin off
  auto_https off
}
https://localhost:${front} {
  bind 127.0.0.1
  tls ${directory}/cert.pem ${directory}/key.pem
  ${lines}
  handle {
    respond 418
  }
}
`;
}

/** Starts a proxy in front of a server that was started with `--web-base-path` of the guide. */
export async function startWebProxy(name: ProxyName, server: TestServer): Promise<WebProxy> {
  const directory = await Deno.makeTempDir({ prefix: "towpath-proxy-" });
  const front = freePort();
  const authority = await makeAuthority();
  const { cert, key } = await makeLeaf(authority, ["localhost", "127.0.0.1"]);
  await Deno.writeTextFile(`${directory}/cert.pem`, cert);
  await Deno.writeTextFile(`${directory}/key.pem`, key);
  await Deno.writeTextFile(`${directory}/both.pem`, cert + key);
  await Deno.writeTextFile(`${directory}/config`, configOf(name, { directory, front, server }));
  const [program, ...args] = COMMANDS[name](directory);
  const child = new Deno.Command(program!, {
    args,
    env: { HOME: directory },
    stdout: "null",
    stderr: "null",
  }).spawn();
  const http = Deno.createHttpClient({ caCerts: [authority.cert], http2: false });
  const origin = `https://localhost:${front}`;
  const stop = async () => {
    http.close();
    child.kill();
    await child.status;
    await Deno.remove(directory, { recursive: true });
  };
  try {
    await until(async () => {
      const reply = await fetch(`${origin}${BASE_PATH}/healthz`, { client: http }).catch(() =>
        null
      );
      await reply?.body?.cancel();
      return reply?.status === 200;
    }, `${name} serves`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin, http, [Symbol.asyncDispose]: stop };
}
