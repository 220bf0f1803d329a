import { type FtpSettings, openFtpDoor } from "../../ftp/door.ts";
import type { ServerOptions } from "../../options/definitions.ts";
import type { Openers } from "./opener.ts";

/** The FTP door, with both kinds of TLS. */
export const FTP: Openers = {
  ftp: (options, server) => openFtpDoor(options, ftpSettings(server, false)),
  ftps: (options, server) => openFtpDoor(options, ftpSettings(server, true)),
};

function ftpSettings(server: ServerOptions, implicitTls: boolean): FtpSettings {
  return {
    implicitTls,
    allowPlain: server["ftp-allow-plain"],
    overwrite: server["ftp-overwrite"],
    removal: server["ftp-rmd"],
    makeDirectories: server["ftp-make-dirs"],
    compression: server["ftp-mode-z"],
    passivePorts: server["ftp-passive-ports"],
    publicAddress: server["ftp-public-address"],
  };
}
