/** The backups of docs/guides/several-nodes-data.md: the database, then a copy of the bucket. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { hashPassword } from "../../../common/secrets.ts";
import { makeCertificates } from "../../support/in_process.ts";
import { is } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer } from "../../support/server.ts";
import { account, spot, store, textOf } from "../../storage/suites/engine_samples.ts";
import { fillForMove, portrait } from "../../storage/suites/move_samples.ts";
import { Bench } from "./bench.ts";
import { postgresProgram, startPostgres, withoutPostgres } from "../engines.ts";
import { type Rgw, startRgw, withoutRgw } from "../rgw.ts";

const hasRclone = (Deno.env.get("PATH") ?? "").split(":").some((place) => {
  try {
    return Deno.statSync(join(place, "rclone")).isFile;
  } catch {
    return false;
  }
});
if (!hasRclone) console.log("The backup of a cluster is not tested: rclone is not installed");

async function run(program: string, args: string[], env: Record<string, string> = {}) {
  const { code, stderr } = await new Deno.Command(program, {
    args,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: "/tmp", ...env },
    clearEnv: true,
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}

/** Runs one of PostgreSQL's programs on the database of a bench. */
function onDatabase(bench: Bench, program: string, ...args: string[]): Promise<void> {
  const { hostname, port, username, pathname } = new URL(String(bench.config["catalog"]));
  const place = ["-h", hostname, "-p", port, "-U", username, "-d", pathname.slice(1)];
  const env = { PGPASSWORD: Deno.readTextFileSync(bench.at("password")) };
  return run(postgresProgram(program), [...place, ...args], env);
}

/** A store and its keys. */
type Keys = Pick<Rgw, "endpoint" | "accessKeyId" | "secretAccessKey">;

/** Copies between the bucket of a bench and a directory. */
function rclone({ s3: { endpoint } }: Bench, ...args: string[]): Promise<void> {
  return copyBucket({ endpoint, accessKeyId: "key", secretAccessKey: "secret" }, ...args);
}

function copyBucket({ endpoint, accessKeyId, secretAccessKey }: Keys, ...args: string[]) {
  const store = ["--s3-provider", "Other", "--s3-endpoint", endpoint, "--s3-list-version", "2"];
  const keys = ["--s3-access-key-id", accessKeyId, "--s3-secret-access-key", secretAccessKey];
  const how = ["--s3-no-check-bucket", "--fast-list", "--config", "/dev/null"];
  return run("rclone", [...args, ...store, ...keys, ...how]);
}

Deno.test({
  name:
    "backup: what was acknowledged before it is there and whole after a restore into new places",
  ignore: withoutPostgres || !hasRclone && !Deno.env.get("CI"),
  async fn() {
    await using bench = await Bench.open();
    const node = await bench.node("node");
    const acknowledged = new Map<string, string>();
    const dump = bench.at("towpath.dump");
    const copy = bench.at("bucket");
    const expected = await bench.withEngine(node, async (engine) => {
      await fillForMove(engine);
      const zoe = { ...account("zoe"), quotaBytes: null };
      await engine.addAccount({ ...zoe, passwordHash: await hashPassword("a long password") });
      const change = { owner: "zoe", account: "zoe" };
      await store(engine, "/kept", "before the backup", change);
      await engine.addAccount({ ...account("writer"), quotaBytes: null });
      const seen = await portrait(engine);
      // Writers go on while the backup is made: all that they change is in a tree of its own.
      let going = true;
      const writing = (async () => {
        for (let round = 0; going; round++) {
          const path = `/f${round % 40}`;
          const text = `${round} `.repeat(round % 3 === 0 ? 80_000 : 10);
          const of = { owner: "writer", account: "writer", ifExists: "overwrite" } as const;
          await store(engine, path, text, of);
          acknowledged.set(path, text);
        }
      })();
      while (acknowledged.size < 20) await engine.tree.stat("writer", "/");
      const before = new Map(acknowledged);
      await onDatabase(bench, "pg_dump", "-Fc", "-f", dump);
      // Between the two: what is removed and replaced stays in the bucket for its grace.
      await engine.tree.remove({ ...spot("/kept"), owner: "zoe" });
      await bench.admin("collect", "--delete", "--data", node);
      await engine.expire(Date.now());
      await rclone(bench, "copy", ":s3:bucket/prefix", copy);
      going = false;
      await writing;
      acknowledged.clear();
      for (const [path, text] of before) acknowledged.set(path, text);
      return seen as { accounts: { account: { name: string } }[] };
    });
    bench.s3.objects.clear();

    await using restored = await Bench.open();
    await onDatabase(restored, "pg_restore", "--no-owner", "--exit-on-error", dump);
    await rclone(restored, "copy", copy, ":s3:bucket/prefix");
    const place = await restored.node("node");
    await restored.withEngine(place, async (engine) => {
      const found = await portrait(engine) as typeof expected;
      const withoutWriter = ({ accounts, ...rest }: typeof expected) => ({
        ...rest,
        accounts: accounts.filter(({ account }) => account.name !== "writer"),
      });
      assertEquals(withoutWriter(found), withoutWriter(expected));
      for (const [path, text] of acknowledged) {
        const now = await textOf(await engine.tree.open("writer", path));
        // A later content is as good: it was acknowledged while the dump began.
        assert(now === text || Number.parseInt(now) > Number.parseInt(text), path);
      }
    });
    const { exitCode, text } = await restored.admin("verify", "--data", place);
    assertEquals(exitCode, 0, text);
    assertMatch(text, /damaged: 0; left out: 0/);
    const { caText, cert, key } = await makeCertificates();
    await Deno.writeTextFile(restored.at("cert"), cert);
    await Deno.writeTextFile(restored.at("key"), key);
    const args = [`--cert=${restored.at("cert")}`, `--key=${restored.at("key")}`];
    await using server = await startServer({ data: place, args: [...args, "--node=new"] });
    using zoe = await RawClient.login({ port: server.port, caText }, "zoe", "a long password");
    assertEquals(is(await zoe.ask("STAT", { filename: "kept" }), "OK").size, 17);
  },
});

Deno.test({
  name: "backup: pg_basebackup and a bucket of radosgw are restored to what was acknowledged",
  ignore: withoutPostgres || withoutRgw !== undefined || !hasRclone && !Deno.env.get("CI"),
  async fn() {
    await using bench = await Bench.open();
    await using rgw = await startRgw();
    for (const bucket of ["bucket", "restored"]) await rgw.createBucket(bucket);
    const { endpoint, accessKeyId, secretAccessKey } = rgw;
    const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
    await Deno.writeTextFile(bench.at("keys"), `[default]\n${keys}`);
    const config = { ...bench.config, "store-endpoint": endpoint };
    const node = await bench.node("node", config);
    const postgres = await startPostgres();
    const expected = await bench.withEngine(node, async (engine) => {
      await fillForMove(engine);
      return await portrait(engine);
    });
    await using copy = await postgres.startBackup();
    await bench.withEngine(node, async (engine) => {
      // Between the two: what is removed stays in the bucket for its grace.
      await engine.tree.remove(spot("/large"));
      await engine.expire(Number.MAX_SAFE_INTEGER);
    });
    await copyBucket(rgw, "copy", ":s3:bucket/prefix", bench.at("bucket"));
    await copyBucket(rgw, "copy", bench.at("bucket"), ":s3:restored/prefix");
    const catalog = new URL(String(bench.config["catalog"]));
    catalog.port = String(copy.port);
    const place = await bench.node("restored", {
      ...config,
      catalog: catalog.href,
      store: "s3://restored/prefix",
    });
    assertEquals(await bench.withEngine(place, portrait), expected);
    const { exitCode, text } = await bench.admin("verify", "--data", place);
    assertEquals(exitCode, 0, text);
  },
});
