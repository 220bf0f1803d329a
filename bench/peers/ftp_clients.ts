// curl and lftp as clients of an FTP server with explicit TLS: the same commands for every server.
// curl moves the large file; lftp that too, and a tree by `mirror -P 4`, with and without -R.

import { dirname } from "@std/path";
import type { Contender } from "../measuring/contender.ts";
import {
  LARGE_NAME,
  type Material,
  TREE_NAME,
  verifyLarge,
  verifyTree,
} from "../measuring/material.ts";
import type { Transfer } from "../measuring/measure.ts";

/** Number of the tree's files that are sent: each is a TLS connection of its own. */
const TREE_FILES = 1000;

/** A server that runs, and how to get into it. */
export interface FtpTarget {
  serverPid: number;
  port: number;
  user: string;
  password: string;
  /** The authority to verify, PEM. */
  ca: string;
  /** Where the clients work, as they see it (no slash at the ends), and where it lies on disk. */
  directory: string;
  files: string;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** The two clients that take part. */
export type FtpClient = "curl" | "lftp";

/** A contender made of an FTP server and a client. `dir` is for what the client needs. */
export function ftpContender(
  client: FtpClient,
  dir: string,
  material: Material,
  target: FtpTarget,
): Contender {
  const { serverPid, clear, stop } = target;
  const server = { serverPid, clear, stop };
  return client === "curl"
    ? { ...server, ...curlTransfers(material, target) }
    : { ...server, ...lftpTransfers(dir, material, target) };
}

// Tickets of TLS 1.3 on data connections, which neither client reads, have vsftpd lose the end of an
// upload. Towpath has TLS 1.2 there anyway; so 1.2 it is for both.
function curlTransfers(material: Material, target: FtpTarget) {
  const { port, user, password, ca, directory, files } = target;
  const curl = (...options: string[]) => [
    ...["curl", "-q", "-sS", "-f", "--ssl-reqd", "--tls-max", "1.2", "--cacert", ca],
    ...["-u", `${user}:${password}`, ...options],
    `ftp://127.0.0.1:${port}/${directory}/${LARGE_NAME}`,
  ];
  return {
    upload: (): Transfer => ({
      command: curl("-T", material.large.path),
      verify: () => verifyLarge(material, `${files}/${LARGE_NAME}`),
    }),
    download: (to: string): Transfer => ({
      command: curl("-o", `${to}/${LARGE_NAME}`),
      verify: () => verifyLarge(material, `${to}/${LARGE_NAME}`),
    }),
  };
}

function lftpTransfers(dir: string, material: Material, target: FtpTarget) {
  const { port, user, password, ca, directory, files } = target;
  const treeFiles = Math.min(TREE_FILES, material.tree.names.length);
  const tree = `${dir}/${TREE_NAME}`;
  for (const name of material.tree.names.slice(0, treeFiles)) {
    Deno.mkdirSync(dirname(`${tree}/${name}`), { recursive: true });
    Deno.linkSync(`${material.tree.path}/${name}`, `${tree}/${name}`);
  }
  const lftp = (action: string, verify: Transfer["verify"]): Transfer => {
    const script = [
      `set ssl:ca-file ${ca}`,
      "set ssl:priority NORMAL:-VERS-TLS1.3",
      "set ftp:ssl-force yes",
      "set ftp:ssl-allow-anonymous yes",
      "set ftp:ssl-protect-data yes",
      `open -u ${user},${password} ftp://127.0.0.1:${port}`,
      `cd ${directory}`,
      action,
    ];
    return { command: ["lftp", "--norc", "-c", script.join("; ")], verify };
  };
  return {
    treeFiles,
    upload: () =>
      lftp(
        `put ${material.large.path} -o ${LARGE_NAME}`,
        () => verifyLarge(material, `${files}/${LARGE_NAME}`),
      ),
    download: (to: string) =>
      lftp(
        `get ${LARGE_NAME} -o ${to}/${LARGE_NAME}`,
        () => verifyLarge(material, `${to}/${LARGE_NAME}`),
      ),
    uploadTree: () =>
      lftp(
        `mirror -R -P 4 ${tree} ${TREE_NAME}`,
        () => verifyTree(material, `${files}/${TREE_NAME}`, treeFiles),
      ),
    downloadTree: (to: string) =>
      lftp(
        `mirror -P 4 ${TREE_NAME} ${to}/${TREE_NAME}`,
        () => verifyTree(material, `${to}/${TREE_NAME}`, treeFiles),
      ),
  };
}
