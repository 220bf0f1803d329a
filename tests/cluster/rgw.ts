/**
 * A private radosgw for tests: one Ceph monitor, one OSD that keeps its objects in memory, and the
 * gateway, on loopback, in a temporary directory. It needs the packages ceph-mon, ceph-osd and
 * radosgw, and starts in some seconds.
 */
import { AwsV4Signer } from "aws4fetch";
import { delay } from "@std/async";
import { freePort } from "../support/machine/free_port.ts";

const PROGRAMS = ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "monmaptool", "ceph"];

/** Why tests with radosgw are skipped; undefined: they run. In CI a missing program is a failure. */
export const withoutRgw = missingPrograms(PROGRAMS);

/** Programs of a list that are not installed, as a reason; undefined: all are, or this is CI. */
function missingPrograms(names: readonly string[]): string | undefined {
  if (Deno.env.has("CI")) return undefined;
  const places = (Deno.env.get("PATH") ?? "").split(":");
  const missing = names.filter((name) => !places.some((place) => isFile(`${place}/${name}`)));
  if (missing.length === 0) return undefined;
  const reason = `skipped: ${missing.join(", ")} not installed`;
  console.log(reason);
  return reason;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A running gateway. */
export interface Rgw extends AsyncDisposable {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Creates an empty bucket. */
  createBucket(name: string): Promise<void>;
  /** Stops the gateway with SIGKILL; the objects stay. */
  killGateway(): Promise<void>;
  /** Starts the gateway again, on the same port. */
  startGateway(): Promise<void>;
}

/** Starts a gateway without a bucket. */
export async function startRgw(): Promise<Rgw> {
  const directory = await Deno.makeTempDir({ prefix: "towpath-rgw-" });
  const [port, monitorPort] = [freePort(), freePort()];
  const endpoint = `http://127.0.0.1:${port}`;
  const accessKeyId = "towpathtest";
  const secretAccessKey = crypto.randomUUID().replaceAll("-", "");
  const [fsid, osd] = [crypto.randomUUID(), crypto.randomUUID()];
  await Deno.writeTextFile(`${directory}/ceph.conf`, config(directory, fsid, monitorPort, port));
  for (const name of ["mon", "osd", "rgw"]) await Deno.mkdir(`${directory}/${name}`);

  // Ends the daemons with this process, however that ends: the shell waits for the end of its input,
  // in a session of its own, so that a signal to all of this one does not reach it.
  const guard = new Deno.Command("setsid", {
    args: [
      "sh",
      "-c",
      'cat >/dev/null; for f in "$0"/*.pid; do [ -s "$f" ] && kill -9 "$(cat "$f")"; done; rm -rf "$0"',
      directory,
    ],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const run = async (program: string, ...args: string[]) => {
    const env = { CEPH_CONF: `${directory}/ceph.conf` };
    const signal = AbortSignal.timeout(60_000);
    const command = new Deno.Command(program, {
      args,
      env,
      signal,
      stdout: "piped",
      stderr: "piped",
    });
    const { success, stdout, stderr } = await command.output();
    const text = new TextDecoder().decode(stdout);
    if (!success) throw new Error(`${program}: ${text}${new TextDecoder().decode(stderr)}`);
    return text;
  };
  const pidOf = async (name: string) =>
    Number(await Deno.readTextFile(`${directory}/${name}.pid`).catch(() => "")) || undefined;
  const end = async (name: string, signal: Deno.Signal) => {
    const pid = await pidOf(name);
    if (pid === undefined) return;
    kill(pid, signal);
    await until(() => Promise.resolve(!isRunning(pid)), 10_000).catch(() => kill(pid, "SIGKILL"));
    await Deno.remove(`${directory}/${name}.pid`).catch(() => {});
  };
  const startGateway = async () => {
    await run("radosgw", "-n", "client.rgw");
    await until(() => answers(endpoint), 60_000);
  };
  const dispose = async () => {
    for (const name of ["client.rgw", "osd.0", "mon.a"]) await end(name, "SIGKILL");
    await guard.stdin.close();
    await guard.status;
  };

  try {
    const monmap = `${directory}/monmap`;
    const address = `[v2:127.0.0.1:${monitorPort}]`;
    await run("monmaptool", "--create", "--addv", "a", address, "--fsid", fsid, monmap);
    await run("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap);
    await run("ceph-mon", "-i", "a");
    await run("ceph", "osd", "new", osd);
    await run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd);
    await run("ceph-osd", "-i", "0");
    await until(async () => (await run("ceph", "osd", "stat")).includes("1 up"), 60_000);
    const keys = ["--access-key", accessKeyId, "--secret", secretAccessKey];
    const user = ["--uid", "towpath", "--display-name", "towpath"];
    await run("radosgw-admin", "-n", "client.rgw", "user", "create", ...user, ...keys);
    await startGateway();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    endpoint,
    accessKeyId,
    secretAccessKey,
    startGateway,
    killGateway: () => end("client.rgw", "SIGKILL"),
    async createBucket(name) {
      const url = `${endpoint}/${name}`;
      const signer = new AwsV4Signer({
        ...{ accessKeyId, secretAccessKey, url, method: "PUT" },
        ...{ service: "s3", region: "us-east-1" },
      });
      const { headers } = await signer.sign();
      const reply = await fetch(url, { method: "PUT", headers });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`bucket: ${reply.status} ${text}`);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function config(directory: string, fsid: string, monitorPort: number, port: number): string {
  return `[global]
fsid = ${fsid}
mon_host = [v2:127.0.0.1:${monitorPort}]
ms_bind_msgr1 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
run_dir = ${directory}
pid_file = ${directory}/$name.pid
admin_socket = ${directory}/$name.asok
log_file = ${directory}/$name.log
mon_cluster_log_file = ${directory}/cluster.log
crash_dir = ${directory}
keyring = ${directory}/keyring
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_data = ${directory}/mon
osd_data = ${directory}/osd
osd_journal = ${directory}/osd/journal
[mon]
mon_data_avail_crit = 1
mon_osd_prime_pg_temp = false
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
[osd]
osd_objectstore = memstore
memstore_device_bytes = 1073741824
osd_op_num_shards = 1
osd_op_num_threads_per_shard = 2
osd_class_load_list = *
osd_class_default_list = *
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw_data = ${directory}/rgw
rgw_thread_pool_size = 16
rgw_enable_usage_log = false
rgw_run_sync_thread = false
rgw_override_bucket_index_max_shards = 1
`;
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    const reply = await fetch(endpoint, { signal: AbortSignal.timeout(2000) });
    await reply.body?.cancel();
    return reply.ok;
  } catch {
    return false;
  }
}

async function until(holds: () => Promise<boolean>, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms`);
    await delay(100);
  }
}

function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** A daemon that has ended may be a zombie for a while. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
