// OpenSSH's sftp, with its default cipher and with the faster one that it also has.

import type { Bed, Contender, Entry } from "../measuring/contender.ts";
import { LARGE_NAME, TREE_NAME, verifyLarge, verifyTree } from "../measuring/material.ts";
import type { Transfer } from "../measuring/measure.ts";
import { SSHD_PROGRAMS, startSshd } from "./sshd.ts";

const PROGRAMS = [...SSHD_PROGRAMS, "sftp"];

/** sftp with its default cipher. */
export const sftp: Entry = {
  name: "sftp",
  about: "OpenSSH as it is configured by default (chacha20-poly1305); checks no content",
  programs: PROGRAMS,
  start: (bed) => start(bed, []),
};

/** sftp with AES-GCM. */
export const sftpAes: Entry = {
  name: "sftp-aes",
  about: "the same with -c aes128-gcm@openssh.com, its fastest cipher here",
  programs: PROGRAMS,
  start: (bed) => start(bed, ["-c", "aes128-gcm@openssh.com"]),
};

async function start(bed: Bed, options: string[]): Promise<Contender> {
  const { dir, material } = bed;
  const sshd = await startSshd(dir);
  const files = `${dir}/files`;
  await Deno.mkdir(files);
  const batch = (command: string, verify: Transfer["verify"]): Transfer => {
    Deno.writeTextFileSync(`${dir}/batch`, `${command}\n`);
    return {
      command: ["sftp", "-q", "-F", sshd.clientConfig, ...options, "-b", `${dir}/batch`, "bench"],
      verify,
    };
  };
  return {
    serverPid: sshd.pid,
    upload: () =>
      batch(
        `put ${material.large.path} ${files}/${LARGE_NAME}`,
        () => verifyLarge(material, `${files}/${LARGE_NAME}`),
      ),
    download: (to) =>
      batch(
        `get ${files}/${LARGE_NAME} ${to}/${LARGE_NAME}`,
        () => verifyLarge(material, `${to}/${LARGE_NAME}`),
      ),
    uploadTree: () =>
      batch(
        `put -r ${material.tree.path} ${files}/${TREE_NAME}`,
        () => verifyTree(material, `${files}/${TREE_NAME}`),
      ),
    downloadTree: (to) =>
      batch(
        `get -r ${files}/${TREE_NAME} ${to}/${TREE_NAME}`,
        () => verifyTree(material, `${to}/${TREE_NAME}`),
      ),
    async clear() {
      await Deno.remove(files, { recursive: true });
      await Deno.mkdir(files);
    },
    stop: () => sshd.stop(),
  };
}
