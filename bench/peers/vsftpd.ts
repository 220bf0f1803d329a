// vsftpd with explicit TLS on both connections, with curl for the large file and lftp for the tree,
// where curl would wait a second for each download (seen with 7.88). Logins are anonymous and lead to a
// directory of the benchmark's own, so no account has to be made on the machine.

import { chownSync } from "node:fs";
import {
  type Bed,
  type Contender,
  type Entry,
  freePort,
  installed,
  startDaemon,
} from "../contender.ts";
import { FILES_PER_DIRECTORY, type Material, TREE_NAME, verifyTree } from "../material.ts";
import type { Transfer } from "../measure.ts";
import { curlContender } from "./curl.ts";

export const vsftpd: Entry = {
  name: "vsftpd",
  about: "FTP with explicit TLS, curl (100 of the small files with lftp); checks no content",
  programs: ["vsftpd", "curl"],
  start,
};

async function start(bed: Bed): Promise<Contender> {
  if (Deno.uid() !== 0) throw new Error("vsftpd has to be started as root");
  const { dir } = bed;
  const user = await anonymousUser();
  const port = freePort();
  const root = `${dir}/root`;
  const files = `${root}/pub`;
  // The user that vsftpd becomes must reach its root, and must not be able to write to it.
  await Deno.mkdir(root, { mode: 0o755 });
  await Deno.mkdir(`${dir}/empty`, { mode: 0o755 });
  const prepare = async () => {
    await Deno.mkdir(files, { recursive: true });
    chownSync(files, user.uid, user.gid);
  };
  await prepare();
  await Deno.writeTextFile(
    `${dir}/vsftpd.conf`,
    `listen=YES
listen_address=127.0.0.1
listen_port=${port}
background=NO
pasv_address=127.0.0.1
secure_chroot_dir=${dir}/empty
seccomp_sandbox=NO
local_enable=NO
anonymous_enable=YES
no_anon_password=YES
anon_root=${root}
ftp_username=${user.name}
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_umask=022
ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
require_ssl_reuse=NO
ssl_ciphers=HIGH
rsa_cert_file=${bed.tls.cert}
rsa_private_key_file=${bed.tls.key}
xferlog_enable=NO
`,
  );
  const daemon = await startDaemon("vsftpd", [`${dir}/vsftpd.conf`], port);
  const { uploadTree: _up, downloadTree: _down, ...large } = curlContender(dir, bed.material, {
    daemon,
    url: `ftp://127.0.0.1:${port}/pub`,
    files,
    options: ["--ssl-reqd", "--ftp-create-dirs"],
    prepare,
  });
  return installed("lftp") ? { ...large, ...lftpTree(bed.material, port, files) } : large;
}

/**
 * The tree's first directory alone: a TLS connection for every file, and waiting for delayed
 * acknowledgements, make it some 50 files a second.
 */
function lftpTree(material: Material, port: number, files: string) {
  const treeFiles = Math.min(FILES_PER_DIRECTORY, material.tree.names.length);
  const part = material.tree.names[0]!.split("/")[0]!;
  const settings = {
    "ftp:ssl-force": "true",
    "ftp:ssl-allow-anonymous": "true",
    "ftp:ssl-protect-data": "true",
    "ssl:verify-certificate": "no",
    "mirror:parallel-transfer-count": "4",
  };
  const lftp = (action: string, arrived: string): Transfer => {
    const lines = Object.entries(settings).map(([name, value]) => `set ${name} ${value}`);
    const script = [...lines, `open ftp://127.0.0.1:${port}`, action].join("; ");
    return {
      command: ["lftp", "--norc", "-c", script],
      verify: () => verifyTree(material, arrived, treeFiles),
    };
  };
  return {
    treeFiles,
    uploadTree: () =>
      lftp(
        `mirror -R ${material.tree.path}/${part} pub/${TREE_NAME}/${part}`,
        `${files}/${TREE_NAME}`,
      ),
    downloadTree: (to: string) =>
      lftp(`mirror pub/${TREE_NAME}/${part} ${to}/${TREE_NAME}/${part}`, `${to}/${TREE_NAME}`),
  };
}

/** The account that Debian's package makes for anonymous logins, or the one for nobody. */
async function anonymousUser(): Promise<{ name: string; uid: number; gid: number }> {
  const accounts = (await Deno.readTextFile("/etc/passwd")).split("\n").map((l) => l.split(":"));
  const found = accounts.find(([name]) => name === "ftp") ??
    accounts.find(([name]) => name === "nobody");
  if (!found) throw new Error("there is neither an account ftp nor nobody");
  return { name: found[0]!, uid: Number(found[2]), gid: Number(found[3]) };
}
