/**
 * A private radosgw for tests: the script of examples/cluster with an OSD that keeps its objects in
 * memory, in a temporary directory. It needs the packages ceph-mon, ceph-osd and radosgw, and starts
 * in some seconds.
 */
import { AwsV4Signer } from "aws4fetch";
import { freePort } from "../support/machine/free_port.ts";

const SCRIPT = new URL("../../examples/cluster/radosgw.sh", import.meta.url).pathname;
const PROGRAMS = [
  ...["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "monmaptool", "ceph"],
  ...["bash", "curl"],
];

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

/** Starts a gateway. */
export async function startRgw(): Promise<Rgw> {
  const directory = await Deno.makeTempDir({ prefix: "towpath-rgw-" });
  const [port, monitorPort] = [freePort(), freePort()];
  const endpoint = `http://127.0.0.1:${port}`;
  const accessKeyId = "towpathtest";
  const secretAccessKey = crypto.randomUUID().replaceAll("-", "");
  await Deno.writeTextFile(
    `${directory}/store.credentials`,
    `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  // The input of the script ends with this process, however that ends, and then all of it does.
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      `trap : INT TERM; "$0" "$@"; rm -rf "$1"`,
      SCRIPT,
      directory,
      `${port}`,
      `${monitorPort}`,
    ],
    env: { OSD: "memstore", CONTROL: "stdin" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const orders = child.stdin.getWriter();
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  let printed = "";
  const expect = async (line: string) => {
    while (!printed.includes("\n")) {
      const { done, value } = await reader.read();
      if (done) break;
      printed += new TextDecoder().decode(value);
    }
    const [first, ...rest] = printed.split("\n");
    printed = rest.join("\n");
    if (first !== line) throw new Error(`radosgw did not start: ${first} ${await errors}`);
  };
  const order = async (what: "kill" | "start", answer: string) => {
    await orders.write(new TextEncoder().encode(`${what}\n`));
    await expect(answer);
  };
  const dispose = async () => {
    await orders.close().catch(() => {}); // it has ended by itself
    await child.status;
    await errors;
    await reader.cancel();
  };
  try {
    await expect("ready");
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    endpoint,
    accessKeyId,
    secretAccessKey,
    startGateway: () => order("start", "ready"),
    killGateway: () => order("kill", "killed"),
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
