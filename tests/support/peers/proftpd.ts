/** ProFTPD of Debian with MODE Z, in plain text, for comparison: its own user and files. */
import { dirname } from "@std/path";
import { chownSync } from "node:fs";
import { run } from "../../ftp/clients/programs.ts";
import { until } from "../certificate.ts";
import { freePort } from "../machine/free_port.ts";

/** Its sessions run as this user (`nobody` of Debian). */
const UID = 65_534;

/** A running ProFTPD. */
export interface Proftpd extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Directory of its user's files. */
  readonly files: string;
}

/** Starts it. As root only, as its sessions become another user. */
export async function startProftpd(): Promise<Proftpd> {
  const directory = await Deno.makeTempDir({ prefix: "towpath-proftpd-" });
  await Deno.chmod(directory, 0o755);
  const files = `${directory}/files`;
  await Deno.mkdir(files);
  chownSync(files, UID, UID);
  const port = freePort();
  const [user, password] = ["anna", "a plain password"];
  const { out } = await run(["openssl", "passwd", "-5", password]);
  // Its package cannot be installed beside vsftpd's: it may be unpacked anywhere.
  const program = (await run(["sh", "-c", 'readlink -f "$(command -v proftpd)"'])).out.trim();
  const account = `${user}:${out.trim()}:${UID}:${UID}::${files}:/bin/sh\n`;
  await Deno.writeTextFile(`${directory}/passwd`, account, { mode: 0o600 });
  await Deno.writeTextFile(
    `${directory}/proftpd.conf`,
    `ServerName peer
ServerType standalone
DefaultAddress 127.0.0.1
Port ${port}
UseIPv6 off
UseReverseDNS off
ModulePath ${dirname(dirname(program))}/lib/proftpd
LoadModule mod_deflate.c
DeflateEngine on
User nobody
Group nogroup
AuthOrder mod_auth_file.c
AuthUserFile ${directory}/passwd
RequireValidShell off
DefaultRoot ~
AllowOverwrite on
AllowStoreRestart on
AllowRetrieveRestart on
WtmpLog off
TransferLog none
PidFile ${directory}/pid
ScoreboardFile ${directory}/scoreboard
DelayEngine off
`,
  );
  const child = new Deno.Command("proftpd", {
    args: ["-n", "-q", "-c", `${directory}/proftpd.conf`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const stop = async () => {
    child.kill();
    await child.status;
    await Deno.remove(directory, { recursive: true });
  };
  try {
    await until(async () => {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null);
      connection?.close();
      return connection !== null;
    }, "ProFTPD listens");
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, user, password, files, [Symbol.asyncDispose]: stop };
}
