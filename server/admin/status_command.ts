/** `status`: whether a server runs, and what the data directory holds. */
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { formatSize } from "../../storage/format_size.ts";
import { isHeld, PLACES } from "../data_directory.ts";
import { readServerJson } from "../server_json.ts";
import { SERVER_INFO } from "../version.ts";
import { withCatalog } from "./accounts.ts";
import { adminCommand } from "./command.ts";

const status = adminCommand({
  name: "status",
  operands: [],
  flags: {},
  summary: "tell whether the server runs, and what there is",
  async run({ data }) {
    const server = isHeld(data) ? readServerJson(data) ?? null : null;
    const running = server !== null;
    const held = await withCatalog(data, async (catalog) => {
      const accounts = await catalog.accounts();
      let used = 0;
      for (const { name } of accounts) used += (await catalog.usage(name)).usedBytes;
      const uploads = await catalog.uploads();
      const received = uploads.reduce((sum, upload) => sum + upload.offsetBytes, 0);
      const asides = await catalog.asides.all();
      const aside = asides.reduce((sum, { bytes }) => sum + bytes, 0);
      return { accounts: accounts.length, used, parts: uploads.length, received, aside };
    });
    const expires = certificateEnd(data);
    const lines = [
      `Data directory   ${data}`,
      `Server           ${
        server ? `runs, process ${server.pid}, version ${server.version}` : "does not run"
      }`,
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
    if (expires !== null) lines.push(`Certificate      until ${new Date(expires).toISOString()}`);
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
        certificate_expires: expires,
      },
    };
  },
});

/** When the certificate that was made ends, in ms since the epoch; null where there is none. */
function certificateEnd(data: string): number | null {
  try {
    const pem = Deno.readTextFileSync(join(data, PLACES.tls, "server.pem"));
    return Date.parse(new X509Certificate(pem).validTo);
  } catch {
    return null;
  }
}

/** The commands that tell how things are. */
export const STATUS_COMMANDS = [status];
