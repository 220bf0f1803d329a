// rsync over ssh.

import type { Bed, Contender, Entry } from "../measuring/contender.ts";
import { LARGE_NAME, TREE_NAME, verifyLarge, verifyTree } from "../measuring/material.ts";
import type { Transfer } from "../measuring/measure.ts";
import { SSHD_PROGRAMS, startSshd } from "./sshd.ts";

/** rsync over ssh. */
export const rsync: Entry = {
  name: "rsync",
  about: "rsync -a over ssh with OpenSSH's defaults; checks content with a fast hash",
  programs: [...SSHD_PROGRAMS, "rsync"],
  start,
};

async function start(bed: Bed): Promise<Contender> {
  const { dir, material } = bed;
  const sshd = await startSshd(dir);
  const files = `${dir}/files`;
  await Deno.mkdir(files);
  const copy = (from: string, to: string, verify: Transfer["verify"]): Transfer => ({
    command: ["rsync", "-a", "-e", `ssh -F ${sshd.clientConfig}`, from, to],
    verify,
  });
  return {
    serverPid: sshd.pid,
    upload: () =>
      copy(
        material.large.path,
        `bench:${files}/${LARGE_NAME}`,
        () => verifyLarge(material, `${files}/${LARGE_NAME}`),
      ),
    download: (to) =>
      copy(
        `bench:${files}/${LARGE_NAME}`,
        `${to}/${LARGE_NAME}`,
        () => verifyLarge(material, `${to}/${LARGE_NAME}`),
      ),
    uploadTree: () =>
      copy(
        `${material.tree.path}/`,
        `bench:${files}/${TREE_NAME}`,
        () => verifyTree(material, `${files}/${TREE_NAME}`),
      ),
    downloadTree: (to) =>
      copy(
        `bench:${files}/${TREE_NAME}/`,
        `${to}/${TREE_NAME}`,
        () => verifyTree(material, `${to}/${TREE_NAME}`),
      ),
    async clear() {
      await Deno.remove(files, { recursive: true });
      await Deno.mkdir(files);
    },
    stop: () => sshd.stop(),
  };
}
