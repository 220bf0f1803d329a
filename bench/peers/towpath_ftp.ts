// Towpath's FTP door with explicit TLS, and the clients that vsftpd has beside it.

import { clientCommand, startServer } from "../../demo/programs.ts";
import { type Bed, type Entry, runTool } from "../measuring/contender.ts";
import { type FtpClient, ftpContender, type FtpTarget } from "./ftp_clients.ts";

const PASSWORD = "bench-password";
const DIRECTORY = "bench";

/** Towpath over FTP with curl. */
export const towpathCurl: Entry = entry("curl");
/** Towpath over FTP with lftp. */
export const towpathLftp: Entry = entry("lftp");

function entry(client: FtpClient): Entry {
  return {
    name: `towpath-${client}`,
    about:
      `this project's FTP door, explicit TLS, ${client}; SHA-256 of what comes, CRC-32 of what goes`,
    programs: [client],
    start: async (bed) => ftpContender(client, bed.dir, bed.material, await startTowpath(bed)),
  };
}

async function startTowpath({ dir }: Bed): Promise<FtpTarget> {
  const data = `${dir}/data`;
  const server = await startServer(data, PASSWORD, { args: ["--ftp-port", "0"] });
  const { ftp } = JSON.parse(await Deno.readTextFile(`${data}/server.json`));
  const own = async (...args: string[]) => {
    const { command, env } = clientCommand(server, PASSWORD, `${dir}/config`, args);
    await runTool(command[0]!, command.slice(1), env);
  };
  await own("mkdir", `/${DIRECTORY}`);
  return {
    ...{ serverPid: server.pid, port: ftp.port, user: "admin", password: PASSWORD, ca: server.ca },
    directory: DIRECTORY,
    files: `${data}/users/a/admin/files/${DIRECTORY}`,
    async clear() {
      await own("rmdir", "-r", `/${DIRECTORY}`);
      await own("mkdir", `/${DIRECTORY}`);
    },
    stop: () => server.end("SIGTERM"),
  };
}
