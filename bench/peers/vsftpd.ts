// vsftpd with explicit TLS on both connections. Logins are anonymous and lead to a directory of the
// benchmark's own, so no account has to be made on the machine.

import { chownSync } from "node:fs";
import {
  type Bed,
  type Entry,
  freePort,
  freshDirectory,
  startDaemon,
} from "../measuring/contender.ts";
import { type FtpClient, ftpContender, type FtpTarget } from "./ftp_clients.ts";

/** vsftpd with curl. */
export const vsftpdCurl: Entry = entry("curl");
/** vsftpd with lftp. */
export const vsftpdLftp: Entry = entry("lftp");

function entry(client: FtpClient): Entry {
  return {
    name: `vsftpd-${client}`,
    about: `vsftpd, explicit TLS, ${client}; checks no content`,
    programs: ["vsftpd", client],
    start: async (bed) => ftpContender(client, bed.dir, bed.material, await startVsftpd(bed)),
  };
}

async function startVsftpd({ dir, tls }: Bed): Promise<FtpTarget> {
  if (Deno.uid() !== 0) throw new Error("vsftpd has to be started as root");
  const user = await anonymousUser();
  const port = freePort();
  const root = `${dir}/root`;
  const files = `${root}/pub`;
  // The user that vsftpd becomes must reach its root, and must not be able to write to it.
  await Deno.mkdir(root, { mode: 0o755 });
  await Deno.mkdir(`${dir}/empty`, { mode: 0o755 });
  const clear = async () => {
    await freshDirectory(files);
    chownSync(files, user.uid, user.gid);
  };
  await clear();
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
anon_other_write_enable=YES
anon_umask=022
ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
require_ssl_reuse=NO
ssl_ciphers=HIGH
rsa_cert_file=${tls.cert}
rsa_private_key_file=${tls.key}
xferlog_enable=NO
`,
  );
  const daemon = await startDaemon("vsftpd", [`${dir}/vsftpd.conf`], port);
  return {
    ...{ serverPid: daemon.pid, port, user: "anonymous", password: "none", ca: tls.ca },
    ...{ directory: "pub", files, clear, stop: () => daemon.stop() },
  };
}

/** The account of Debian's package for anonymous logins, or the account `nobody`. */
async function anonymousUser(): Promise<{ name: string; uid: number; gid: number }> {
  const accounts = (await Deno.readTextFile("/etc/passwd")).split("\n").map((l) => l.split(":"));
  const found = accounts.find(([name]) => name === "ftp") ??
    accounts.find(([name]) => name === "nobody");
  if (!found) throw new Error("there is neither an account ftp nor nobody");
  return { name: found[0]!, uid: Number(found[2]), gid: Number(found[3]) };
}
