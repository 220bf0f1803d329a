// nginx with TLS and WebDAV's PUT, and curl.

import { userInfo } from "node:os";
import {
  type Bed,
  type Contender,
  type Entry,
  freePort,
  startDaemon,
} from "../measuring/contender.ts";
import { curlContender } from "./curl.ts";

/** nginx with WebDAV, and curl as its client. */
export const nginx: Entry = {
  name: "nginx",
  about: "nginx (PUT, GET over HTTPS) and curl; checks no content",
  programs: ["nginx", "curl"],
  start,
};

async function start(bed: Bed): Promise<Contender> {
  const { dir } = bed;
  const port = freePort();
  const files = `${dir}/files`;
  await Deno.mkdir(files);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${dir}/temp_${name};`);
  await Deno.writeTextFile(
    `${dir}/nginx.conf`,
    `daemon off;
worker_processes 1;
${Deno.uid() === 0 ? `user ${userInfo().username};` : ""}
pid ${dir}/nginx.pid;
error_log stderr error;
events { }
http {
  access_log off;
  sendfile on;
  keepalive_requests 1000000;
${temporary.join("\n")}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${bed.tls.cert};
    ssl_certificate_key ${bed.tls.key};
    root ${files};
    client_max_body_size 0;
    dav_methods PUT DELETE;
    create_full_put_path on;
  }
}
`,
  );
  const args = ["-p", dir, "-c", `${dir}/nginx.conf`, "-e", `${dir}/error.log`];
  const daemon = await startDaemon("nginx", args, port);
  return curlContender(dir, bed.material, {
    daemon,
    url: `https://127.0.0.1:${port}`,
    files,
    // Without it, curl waits for a 100 Continue before each body.
    options: ["-H", "Expect:"],
  });
}
