// An OpenSSH server for one user, with keys and settings of its own; sftp and rsync go through it.

import { userInfo } from "node:os";
import { freePort, runTool, startDaemon } from "../measuring/contender.ts";

/** A running sshd and the client configuration that leads to it as host `bench`. */
export interface Sshd {
  pid: number;
  /** For `ssh -F`, `sftp -F`. */
  clientConfig: string;
  stop(): Promise<void>;
}

/** Directory that sshd, started as root, requires. */
const PRIVILEGE_SEPARATION = "/run/sshd";

/** Starts an sshd on 127.0.0.1 that lets this user in with a key made for it. */
export async function startSshd(dir: string): Promise<Sshd> {
  const port = freePort();
  const user = userInfo().username;
  for (const name of ["host_key", "user_key"]) {
    await runTool("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", `${dir}/${name}`]);
  }
  await Deno.writeTextFile(
    `${dir}/sshd_config`,
    `ListenAddress 127.0.0.1:${port}
HostKey ${dir}/host_key
AuthorizedKeysFile ${dir}/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowUsers ${user}
Subsystem sftp internal-sftp
LogLevel ERROR
`,
  );
  const hostKey = (await Deno.readTextFile(`${dir}/host_key.pub`)).trim();
  await Deno.writeTextFile(`${dir}/known_hosts`, `bench ${hostKey}\n`);
  await Deno.writeTextFile(
    `${dir}/ssh_config`,
    `Host bench
  HostName 127.0.0.1
  HostKeyAlias bench
  Port ${port}
  User ${user}
  IdentityFile ${dir}/user_key
  IdentityAgent none
  IdentitiesOnly yes
  UserKnownHostsFile ${dir}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  LogLevel ERROR
`,
  );
  const madeDirectory = Deno.uid() === 0 && await makeDirectory(PRIVILEGE_SEPARATION);
  const daemon = await startDaemon(
    "sshd",
    ["-D", "-e", "-f", `${dir}/sshd_config`],
    port,
  );
  return {
    pid: daemon.pid,
    clientConfig: `${dir}/ssh_config`,
    async stop() {
      await daemon.stop();
      if (madeDirectory) await Deno.remove(PRIVILEGE_SEPARATION).catch(() => {});
    },
  };
}

/** The programs that {@link startSshd} runs. */
export const SSHD_PROGRAMS = ["sshd", "ssh", "ssh-keygen"];

async function makeDirectory(path: string): Promise<boolean> {
  try {
    await Deno.mkdir(path, { mode: 0o755 });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}
