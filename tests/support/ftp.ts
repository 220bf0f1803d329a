/** Common parts of the tests of the FTP door. */
import type { DoorLimits } from "../../server/admission/door_limits.ts";
import type { Door } from "../../server/door/door.ts";
import { type FtpSettings, openFtpDoor } from "../../server/ftp/door.ts";
import { FtpClient, type FtpTarget } from "./ftp_client.ts";
import { type InProcess, type InProcessOptions, openInProcess, register } from "./in_process.ts";

/** A server with an FTP door beside the native one. */
export interface FtpBench extends FtpTarget {
  server: InProcess;
  door: Door;
  /** A further connection, logged in. */
  login(user?: string): Promise<FtpClient>;
  /** A further connection whose greeting was read. */
  connect(): Promise<FtpClient>;
}

/** How the door is opened. */
export interface FtpBenchOptions extends InProcessOptions {
  ftp?: Partial<FtpSettings>;
  host?: string;
  limits?: Partial<DoorLimits>;
}

/** Opens a vault with the account `alice` (rwcd), a native door and an FTP door. */
export async function openFtp(
  options: FtpBenchOptions = {},
): Promise<FtpBench & AsyncDisposable> {
  const { ftp = {}, host = "127.0.0.1", ...rest } = options;
  const server = await openInProcess({ durability: "relaxed", ...rest });
  const implicit = ftp.implicitTls ?? false;
  const door = await openFtpDoor({ ...server.doorOptions, host, port: 0 }, {
    implicitTls: implicit,
    allowPlain: false,
    overwrite: "replace",
    passivePorts: null,
    publicAddress: null,
    ...ftp,
  });
  const target = { host, port: door.port, caText: server.caText };
  return {
    ...target,
    server,
    door,
    login: (user) => FtpClient.login(target, user, undefined, implicit),
    async connect() {
      const client = await FtpClient.connect(target, implicit);
      await client.reply(220);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await door.close(0);
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A test with a server and a connection to its FTP door that is logged in as `alice`. */
export function ftpHolds(
  name: string,
  run: (bench: FtpBench, alice: FtpClient) => Promise<void>,
  options: FtpBenchOptions = {},
): void {
  register(name, async () => {
    await using bench = await openFtp(options);
    using alice = await bench.login();
    await run(bench, alice);
  }, options);
}

/** As {@linkcode ftpHolds}, for tests about files on the disk. */
export const ftpHoldsOnDisk: typeof ftpHolds = (name, run, options) =>
  ftpHolds(name, run, { ...options, disk: true });
