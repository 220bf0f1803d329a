// curl as the client of an HTTP server: one command, one connection kept, many files.

import type { Contender, Daemon } from "../measuring/contender.ts";
import { freshDirectory } from "../measuring/contender.ts";
import {
  LARGE_NAME,
  type Material,
  TREE_NAME,
  verifyLarge,
  verifyTree,
} from "../measuring/material.ts";
import type { Transfer } from "../measuring/measure.ts";

/** A server that curl can put files to and get them from. */
export interface CurlTarget {
  daemon: Daemon;
  /** Ends without a slash; `files` is where it leads. */
  url: string;
  files: string;
  /** Further options. */
  options: string[];
}

/** A contender made of curl and a server. `dir` is for its lists of files. */
export function curlContender(dir: string, material: Material, target: CurlTarget): Contender {
  const { url, files, daemon } = target;
  const names = material.tree.names;
  const curl = (pairs: [string, string][], verify: Transfer["verify"]): Transfer => {
    const text = pairs.flat().join("\n");
    Deno.writeTextFileSync(`${dir}/curl.conf`, `${text}\n`);
    return {
      command: ["curl", "-q", "-sS", "-f", "-k", ...target.options, "-K", `${dir}/curl.conf`],
      verify,
    };
  };
  const put = (from: string, name: string): [string, string] => [
    `upload-file = "${from}"`,
    `url = "${url}/${name}"`,
  ];
  const get = (name: string, to: string): [string, string] => [
    `output = "${to}/${name}"`,
    `url = "${url}/${name}"`,
  ];
  return {
    serverPid: daemon.pid,
    upload: () =>
      curl(
        [put(material.large.path, LARGE_NAME)],
        () => verifyLarge(material, `${files}/${LARGE_NAME}`),
      ),
    download: (to) =>
      curl([get(LARGE_NAME, to)], () => verifyLarge(material, `${to}/${LARGE_NAME}`)),
    uploadTree: () =>
      curl(
        names.map((name) => put(`${material.tree.path}/${name}`, `${TREE_NAME}/${name}`)),
        () => verifyTree(material, `${files}/${TREE_NAME}`),
      ),
    downloadTree: (to) =>
      curl(
        [
          ["create-dirs", ""],
          ...names.map((name) => get(`${TREE_NAME}/${name}`, to)),
        ],
        () => verifyTree(material, `${to}/${TREE_NAME}`),
      ),
    clear: () => freshDirectory(files),
    stop: () => daemon.stop(),
  };
}
