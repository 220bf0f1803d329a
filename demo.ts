// deno task demo: one real file through every interruption, on this machine. Nothing is left behind.

import { withCleanup } from "./demo/cleanup.ts";
import { CuttingProxy } from "./demo/cutting_proxy.ts";
import { sha256 } from "./demo/hash.ts";
import { done, lost, show, showParts } from "./demo/outcomes.ts";
import {
  clientCommand,
  killPrograms,
  runClient,
  type RunningServer,
  startServer,
} from "./demo/programs.ts";
import { bold, bytes, fact, green, red, step } from "./demo/story.ts";

const PASSWORD = crypto.randomUUID();
const REMOTE = "/deno";

async function demo(stack: AsyncDisposableStack): Promise<boolean> {
  const dir = await Deno.makeTempDir({ prefix: "towpath-demo-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  stack.defer(killPrograms);
  const file = Deno.execPath();
  const size = (await Deno.stat(file)).size;
  const original = await sha256(file);

  console.log(bold("Towpath demo: one file, three interruptions, the same file"));
  fact("file", `${file}, ${bytes(size)}`);
  fact("SHA-256", original);

  step("Start a server, and put a network in front of it that can be cut");
  let server: RunningServer | undefined;
  const proxy = stack.use(new CuttingProxy());
  const start = async () => {
    server = await startServer(`${dir}/data`, PASSWORD);
    proxy.target = server.port;
    fact("server", `process ${server.pid}, 127.0.0.1:${server.port}, ${dir}/data`);
    return server;
  };
  const { ca } = await start();
  fact("network", `127.0.0.1:${proxy.port}, where the client connects to`);
  // Retries are switched off so that each interruption can be seen; by default the client resumes
  // by itself.
  const client = (...args: string[]) => {
    const line = [...args, "--retries", "0"];
    return runClient(clientCommand({ port: proxy.port, ca }, PASSWORD, `${dir}/config`, line));
  };

  step("Upload, and lose the connection half-way");
  const firstCut = Math.round(size * 0.4);
  proxy.cut = { direction: "up", bytes: firstCut };
  fact("cut after", bytes(firstCut, size));
  lost(await client("upload", file, "--to", REMOTE));
  showParts(await client("parts"), size);

  step("Resume, and kill -9 the server in the middle of it");
  const killAfter = Math.round(size * 0.3);
  proxy.cut = { direction: "up", bytes: killAfter, act: () => server!.end("SIGKILL") };
  fact("killed after", `${bytes(killAfter, size)} more`);
  lost(await client("resume", file));
  fact("server", `process ${server!.pid} is gone`);

  step("Start the server again on the same data");
  await start();
  showParts(await client("parts"), size);
  fact("", "that is up to the last checkpoint: kill -9 costs at most 64 MiB or 2 seconds");

  step("Resume to the end");
  const uploaded = done(await client("resume", file));
  show(uploaded, size);

  step("Download, and lose the connection half-way");
  const copy = `${dir}/copy`;
  const secondCut = Math.round(size * 0.5);
  proxy.cut = { direction: "down", bytes: secondCut };
  fact("cut after", bytes(secondCut, size));
  lost(await client("download", REMOTE, "--to", copy));
  const parts = [...Deno.readDirSync(dir)].filter(({ name }) => name.endsWith(".towpath-part"));
  const part = await Deno.stat(`${dir}/${parts[0]!.name}`);
  fact("kept here", bytes(part.size, size));

  step("Resume the download to the end");
  const downloaded = done(await client("download", REMOTE, "--to", copy, "--resume"));
  show(downloaded, size);

  step("Compare");
  const stored = await sha256(`${dir}/data/users/a/admin/files${REMOTE}`);
  const arrived = await sha256(copy);
  const mark = (hash: string) => `${hash} ${hash === original ? green("same") : red("DIFFERENT")}`;
  fact("original", original);
  fact("on the server", mark(stored));
  fact("downloaded", mark(arrived));
  return stored === original && arrived === original &&
    (uploaded.resumed_from ?? 0) > 0 && (downloaded.resumed_from ?? 0) > 0;
}

const started = performance.now();
try {
  const same = await withCleanup(demo);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    same
      ? `\n${green("The file survived every interruption.")} ${seconds} s in all.`
      : `\n${red("The demo failed: see above.")}`,
  );
  Deno.exit(same ? 0 : 1);
} catch (error) {
  console.error(`\n${red("The demo failed:")} ${(error as Error).message}`);
  Deno.exit(1);
}
