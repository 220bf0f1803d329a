import { Agent, type AgentOptions } from "node:https";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions } from "node:tls";

/**
 * Connections by TLS to a server whose certificate the given authorities sign, or those that the
 * machine trusts. Deno's own agent asks for all of `--allow-sys` where no authority is given.
 */
export class TlsConnections extends Agent {
  /** @param ca certificates in PEM; undefined: those that the machine trusts */
  constructor(options: AgentOptions, private readonly ca: string | undefined) {
    super(options);
  }

  override createConnection({ host, port, servername }: ConnectionOptions): Duplex {
    const { ca } = this;
    return connect({
      host: host!,
      port: port!,
      ...(servername && { servername }),
      ...(ca !== undefined && { ca }),
    });
  }
}
