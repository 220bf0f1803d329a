/** A directory with the options of a cluster of its own, for commands of `admin`. */
import { join } from "@std/path";
import { runAdmin } from "../../../server/admin/run.ts";
import { openData } from "../../../server/data/open_data.ts";
import { readOptions } from "../../../server/options/read.ts";
import type { Engine } from "../../../storage/contract/engine.ts";
import { terminalWith } from "../../support/admin.ts";
import { startPostgres } from "../engines.ts";
import { type S3InMemory, startS3 } from "../../../bench/cluster/s3_in_memory.ts";

/** A directory for places, with options that lead to a database and a store of their own. */
export class Bench implements AsyncDisposable {
  private constructor(
    readonly directory: string,
    readonly config: Record<string, string | number>,
    readonly s3: S3InMemory,
  ) {}

  /** Makes an empty database and an empty bucket. */
  static async open(): Promise<Bench> {
    const directory = Deno.realPathSync(await Deno.makeTempDir({ prefix: "towpath-bench-" }));
    const place = await (await startPostgres()).empty();
    const s3 = startS3();
    const files = {
      password: place.password,
      ca: place.tls!.ca!,
      keys: "[default]\naws_access_key_id = key\naws_secret_access_key = secret\n",
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(directory, name), text);
    }
    return new Bench(directory, {
      "catalog": `postgres://${place.user}@localhost:${place.port}/${place.database}`,
      "catalog-password-file": join(directory, "password"),
      "catalog-ca": join(directory, "ca"),
      "catalog-connections": 3,
      "store": "s3://bucket/prefix",
      "store-endpoint": s3.endpoint,
      "store-credentials": join(directory, "keys"),
    }, s3);
  }

  /** A path in the directory. */
  at(name: string): string {
    return join(this.directory, name);
  }

  /** Makes a data directory whose config file leads to the database. */
  async node(name: string, config = this.config): Promise<string> {
    await Deno.mkdir(this.at(name));
    await Deno.writeTextFile(join(this.at(name), "config.json"), JSON.stringify(config));
    return this.at(name);
  }

  /** Does something with the engine of a data directory. */
  async withEngine<T>(data: string, work: (engine: Engine) => Promise<T>): Promise<T> {
    await Deno.mkdir(data, { recursive: true });
    const { options } = readOptions({ args: ["--data", data], variable: none, directory: data });
    const engine = await openData({ data, options: { ...options, durability: "relaxed" } });
    try {
      return await work(engine);
    } finally {
      await engine.close();
    }
  }

  /** Runs a command; an error is its message. */
  async admin(...args: string[]): Promise<{ exitCode: number; text: string }> {
    try {
      const from = { args, variable: none, directory: this.directory };
      const { exitCode, stdout } = await runAdmin(from, terminalWith(""));
      return { exitCode, text: stdout };
    } catch (error) {
      const { exitCode, message } = error as Error & { exitCode: number };
      return { exitCode, text: message };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.s3[Symbol.asyncDispose]();
    await Deno.remove(this.directory, { recursive: true });
  }
}

function none(): undefined {}
