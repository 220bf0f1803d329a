import { join } from "@std/path";
import { Claims } from "../tree/claims.ts";
import type { Client } from "../../lib/connection/client.ts";
import type { Command, Context } from "../options/command.ts";
import { ClientError, ExitCode, Interrupted, usageError } from "../../lib/common/error.ts";
import type { TreeWork } from "../tree/journal.ts";
import { localPath, remoteJoin } from "../../lib/local/local_path.ts";
import { modesToMake, modesToSend } from "../tree/private_directories.ts";
import { newPartName } from "../../lib/local/part_name.ts";
import { noteSkipped } from "../terminal/report.ts";
import { LocalSums } from "../sync/local_sums.ts";
import { planSync, type SyncPlan } from "../sync/plan.ts";
import { notePlan, planLines, planSteps } from "../sync/show_plan.ts";
import { localTree, remoteTree, type Tree, type TreeFile } from "../sync/tree.ts";
import { quoted } from "../../../common/printable.ts";
import { transferTree } from "../tree/tree_transfer.ts";

/** `sync LOCAL REMOTE`, `sync --down REMOTE LOCAL` */
export const sync: Command = {
  name: "sync",
  summary: "make a directory at the server like a local one, or with --down the other way round",
  usage: "LOCAL REMOTE [--delete] [--dry-run], or --down REMOTE LOCAL",
  options: [
    { name: "down", summary: "make the local directory like the one at the server" },
    { name: "delete", summary: "remove entries that the source does not have" },
    { name: "dry-run", short: "n", summary: "show what would be done, and change nothing" },
  ],
  arguments: { least: 2, most: 2 },
  details:
    `Files are compared by size and checksum. Changed ones are overwritten, without versions; empty
directories are kept; symbolic links are skipped and named. Nothing is removed unless all else was
transferred. Run it again, or resume, after an interruption.`,
  examples: [
    "sync photos /backup/photos",
    "sync photos /backup/photos --delete --dry-run",
    "sync --down /backup/photos photos",
  ],
  async run(context) {
    const down = context.values.flag("down");
    const [from, to] = context.args as [string, string];
    const local = localPath(down ? to : from);
    const remote = down ? from : to;
    if (remote === "") throw usageError("The directory at the server must have a name, or be /");
    const client = await context.client();
    await new Sync(context, client, local, remote, down).run();
  },
};

class Sync {
  readonly #sums: LocalSums;

  constructor(
    readonly context: Context,
    readonly client: Client,
    readonly local: string,
    readonly remote: string,
    readonly down: boolean,
  ) {
    this.#sums = new LocalSums(context.config, local);
  }

  async run(): Promise<void> {
    const { context, client, down, local: root, remote: place } = this;
    using claims = new Claims(context);
    const whose = { server: client.endpoint.name, user: client.identity.username };
    const upload = { ...whose, local: root, remote: place };
    await claims.take(root, down ? { writes: [root] } : { uploads: [upload] });
    const local = localTree(this.local, !down);
    const remote = await remoteTree(client, this.remote, down);
    const [source, target] = down ? [remote, local] : [local, remote];
    if (!source.exists) {
      const path = down ? this.remote : this.local;
      throw new ClientError(`Cannot sync ${quoted(path)}: no such directory`, {
        exitCode: ExitCode.notFound,
        filename: path,
      });
    }
    noteSkipped(context.output, this.local, local);
    noteSkipped(context.output, this.remote, remote);
    const unlisted = [...local.unlisted, ...remote.unlisted];
    for (const error of unlisted) context.output.error(error);
    const plan = await planSync(source, target, {
      remove: context.values.flag("delete"),
      keepParts: down,
      same: (one, other) => down ? this.#same(other, one) : this.#same(one, other),
    });
    this.#sums.keep();
    // Files missing only from an incomplete list must not be removed, nor overwritten.
    if (unlisted.length > 0) plan.extra.length = 0;
    if (context.values.flag("dry-run")) return this.#show(plan, unlisted);
    notePlan(context.output, plan);
    const removed = await this.#carryOut(plan, source, target);
    failOnUnlisted(unlisted);
    const [transferred, made] = [plan.files.length, plan.directories.length];
    context.output.note(
      `In sync: ${transferred} transferred, ${removed} removed, ${plan.unchanged} unchanged.`,
    );
    context.output.event("done", { transferred, made, removed, unchanged: plan.unchanged });
  }

  /** Whether two files of one size have the same content. */
  async #same(local: TreeFile, remote: TreeFile): Promise<boolean> {
    const path = join(this.local, local.name);
    const filename = remoteJoin(this.remote, remote.name);
    if (remote.hash === undefined) {
      const action = `Cannot hash ${quoted(filename)}`;
      try {
        const data = await this.client.request("HASH", { filename }, action, {
          filename,
          slow: true,
        });
        remote.hash = String(data.hash);
      } catch (error) {
        // One that cannot be read fails by itself, when it is transferred.
        if (error instanceof ClientError && error.status !== undefined) return false;
        throw error;
      }
    }
    try {
      return await this.#sums.of(path, this.context.signal) === remote.hash;
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      return false; // one that cannot be read, or has gone, fails by itself, too
    }
  }

  #show(plan: SyncPlan, unlisted: ClientError[]): void {
    const { output } = this.context;
    for (const line of planLines(plan)) output.result(line);
    notePlan(output, plan);
    output.event("done", { dry_run: true, plan: planSteps(plan), unchanged: plan.unchanged });
    this.#failOnConflicts(plan, false);
    failOnUnlisted(unlisted);
  }

  /** @returns number of files and directories removed */
  async #carryOut(plan: SyncPlan, source: Tree, target: Tree): Promise<number> {
    const { context, client } = this;
    const work = this.#work(plan, source, target);
    const began = Date.now();
    try {
      const { removed } = await transferTree(context, client, work, {
        // Uploaded files need not be hashed again the next time.
        onDone: (file, hash) => {
          if (!this.down) this.#sums.learn(file.local, hash, began);
        },
      });
      this.#failOnConflicts(plan, true);
      return removed.length;
    } finally {
      this.#sums.keep();
    }
  }

  #work(plan: SyncPlan, source: Tree, target: Tree): TreeWork {
    const { client, down } = this;
    // Where something could not be transferred, nothing is removed.
    const extra = plan.conflicts.length > 0 ? [] : plan.extra;
    const swaps = plan.swaps.map((swap) => ({ ...swap, staged: newPartName(swap.name) }));
    const stagedName = (name: string): string => {
      const swap = swaps.find((one) => name === one.name || name.startsWith(`${one.name}/`));
      return swap === undefined ? name : swap.staged + name.slice(swap.name.length);
    };
    const made = [...(target.exists ? [] : [""]), ...plan.directories].map((name) => ({
      name,
      local: join(this.local, name),
      place: this.#targetPath(stagedName(name)),
    }));
    return {
      command: "sync",
      direction: down ? "download" : "upload",
      server: client.endpoint.name,
      user: client.identity.username,
      roots: [this.local],
      ifExists: "overwrite",
      overwrite: true,
      files: plan.files.map(({ source, target }) => ({
        local: join(this.local, down ? stagedName(target) : source.name),
        remote: remoteJoin(this.remote, down ? source.name : stagedName(target)),
        size: source.size,
        hash: source.hash,
      })),
      directories: made.map(({ place }) => place),
      modes: down
        ? modesToMake(client, source.modes, made)
        : modesToSend(client, made.map(({ local, place }) => ({ local, remote: place }))),
      place: this.remote,
      swaps: swaps.map(({ name, staged, directory, removals }) => ({
        staged: this.#targetPath(staged),
        path: this.#targetPath(name),
        directory,
        removals: removals.map((one) => ({ ...one, path: this.#targetPath(one.name) })),
      })),
      removals: extra.map(({ name, directory, seen }) => ({
        path: this.#targetPath(name),
        directory,
        seen,
        source: down ? remoteJoin(this.remote, name) : join(this.local, name),
      })),
    };
  }

  #targetPath(name: string): string {
    return this.down ? join(this.local, name) : remoteJoin(this.remote, name);
  }

  #failOnConflicts(plan: SyncPlan, report: boolean): void {
    if (plan.conflicts.length === 0) return;
    const errors = plan.conflicts.map(({ name, reason }) =>
      new ClientError(`Cannot sync ${quoted(name)}: ${reason}`, {
        exitCode: ExitCode.conflict,
        filename: name,
      })
    );
    if (errors.length === 1) throw errors[0]!;
    if (report) { for (const error of errors) this.context.output.error(error); }
    throw new ClientError(`${errors.length} names are taken by something else`, {
      exitCode: ExitCode.conflict,
    });
  }
}

function failOnUnlisted(unlisted: ClientError[]): void {
  if (unlisted.length === 0) return;
  throw new ClientError("Not everything was synced, and nothing was removed", {
    exitCode: ExitCode.some,
  });
}
