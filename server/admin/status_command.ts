/** `status`: whether a server runs, and what the data directory holds. */
import { join } from "@std/path";
import { clock } from "../../storage/contract/clock.ts";
import { resumeClock } from "../../storage/common/clock_marks.ts";
import { sharedStateLines } from "../../common/shared_state.ts";
import { formatSize } from "../../common/size.ts";
import { certificateState, timeTrouble } from "../certificates/certificate_state.ts";
import { PLACES } from "../data/data_directory.ts";
import { holderOf, isHeld } from "../data/data_lock.ts";
import type { ServerOptions } from "../options/definitions.ts";
import {
  type CertificateSummary,
  readServerJson,
  type ServerJson,
} from "../process/server_json.ts";
import { sharedStateInfo } from "../door/shared_state_info.ts";
import { SERVER_INFO } from "../door/version.ts";
import { withEngine } from "../data/open_data.ts";
import { adminCommand } from "./command.ts";

const status = adminCommand("status", {
  flags: {},
  async run({ data, options }) {
    const running = isHeld(data);
    const server = running ? readServerJson(data) ?? null : null;
    const held = await withEngine({ data, options }, async (engine) => {
      const { catalog } = engine;
      const { accounts, usedBytes: used } = await catalog.accountTotals();
      const { uploads: parts, offsetBytes: received } = await engine.parts.totals();
      let aside = 0;
      for await (const { bytes } of engine.setAside()) aside += bytes;
      await resumeClock(catalog);
      const cluster = sharedStateInfo(await engine.shared());
      return { cluster, accounts, used, parts, received, aside, clockTrouble: clock.trouble() };
    });
    const certificate = server?.certificate ?? certificateOnDisk(data, options);
    const trouble = certificate && (timeTrouble(certificate.from, certificate.until, Date.now()) ??
      certificate.trouble);
    const lines = [
      `Data directory   ${data}`,
      `Server           ${running ? runsAs(server, holderOf(data)) : "does not run"}`,
    ];
    for (const door of ["native", "ftp", "ftps", "web"] as const) {
      const place = server?.[door];
      if (place) lines.push(`  ${door.padEnd(14)} ${place.host}, port ${place.port}`);
    }
    lines.push(
      `Accounts         ${held.accounts}, ${formatSize(held.used)} in files`,
      `Unfinished       ${held.parts} uploads, ${formatSize(held.received)} received`,
      `Set aside        ${formatSize(held.aside)}`,
    );
    if (held.cluster) lines.push(...sharedStateLines(held.cluster));
    if (certificate) {
      lines.push(`Certificate      until ${new Date(certificate.until).toISOString()}`);
      if (trouble) lines.push(`  in trouble     ${trouble}`);
    }
    if (held.clockTrouble) lines.push(`Clock            ${held.clockTrouble}`);
    return {
      text: lines.join("\n") + "\n",
      data: {
        data,
        version: SERVER_INFO.version,
        running,
        server,
        accounts: held.accounts,
        used: held.used,
        parts: held.parts,
        received: held.received,
        set_aside: held.aside,
        cluster: held.cluster,
        certificate_expires: certificate?.until ?? null,
        certificate_trouble: trouble ?? null,
        clock_trouble: held.clockTrouble ?? null,
      },
    };
  },
});

function runsAs(server: ServerJson | null, holder: number | undefined): string {
  if (server !== null) return `runs, process ${server.pid}, version ${server.version}`;
  const process = holder === undefined ? "" : `, process ${holder}`;
  return `runs${process}; server.json is missing: it starts or stops, or writes it again in 10 s`;
}

/** The certificate that a start would serve; undefined where there is none to read. */
function certificateOnDisk(data: string, options: ServerOptions): CertificateSummary | undefined {
  try {
    const file = options.cert ?? join(data, PLACES.tls, "server.pem");
    const { fromMs, endMs, fingerprint, trouble } = certificateState(Deno.readTextFileSync(file));
    return { from: fromMs, until: endMs, fingerprint, trouble };
  } catch {
    return undefined;
  }
}

/** Commands that report the state of a server. */
export const STATUS_COMMANDS = [status];
