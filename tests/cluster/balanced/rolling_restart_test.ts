/** All nodes behind HAProxy are restarted one after the other under load: no client fails. */
import { join } from "@std/path";
import { assert, assertEquals } from "@std/assert";
import { installed, start } from "../../ftp/clients/programs.ts";
import { sameTree } from "../../ftp/clients/samples.ts";
import { runClient } from "../../support/client/client.ts";
import { is, KIB, MIB, randomBytes } from "../../support/native.ts";
import { sha256 } from "../../support/raw_client.ts";
import { withoutPostgres } from "../engines.ts";
import { type Balanced, withBalanced } from "./balancer.ts";

const missing = ["haproxy", "lftp"].filter((program) => !installed(program));
const ignore = withoutPostgres || (missing.length > 0 && !Deno.env.has("CI"));
if (missing.length > 0) console.log(`Rolling restarts: not installed: ${missing.join(", ")}`);

/** Makes a tree of large and small files. */
async function makeTree(directory: string): Promise<void> {
  await Deno.mkdir(join(directory, "small"), { recursive: true });
  for (let number = 0; number < 30; number++) {
    await Deno.writeFile(join(directory, "small", `${number}`), randomBytes(10 * KIB));
  }
  for (const name of ["one", "other"]) {
    await Deno.writeFile(join(directory, name), randomBytes(6 * MIB));
  }
}

/** A program, again and again until it is stopped. @returns how often it ran */
async function repeat(going: () => boolean, once: (round: number) => Promise<void>) {
  let round = 0;
  while (going()) await once(round++);
  return round;
}

/** Runs our client, which must end with 0; it may connect again on the way. */
async function client(balanced: Balanced, ...args: string[]): Promise<void> {
  const env = balanced.settings();
  const { code, stderr } = await runClient(args, { env });
  assertEquals(code, 0, `${args[0]}: ${stderr}`);
}

Deno.test({
  name: "balanced: nodes are restarted one after the other under load, and no client fails",
  ignore,
  fn: () =>
    withBalanced(async (balanced) => {
      const tree = balanced.path("tree");
      await makeTree(tree);
      const content = randomBytes(24 * MIB);
      await Deno.writeFile(balanced.path("source"), content);
      await client(balanced, "upload", balanced.path("source"), "--to", "/source");
      await client(balanced, "upload", "-r", tree, "--to", "/tree");

      let isGoing = true;
      const going = () => isGoing;
      // Some transfers take longer than a node gives them to finish, 10 s.
      const rate = ["--limit-rate", "1500K"];
      const load = [
        repeat(going, async (round) => {
          const upload = ["upload", "-r", tree, "--to", `/up-${round}`];
          await client(balanced, ...upload, ...rate);
        }),
        repeat(going, async (round) => {
          const slow = "set net:limit-rate 6000000:6000000";
          const up = `mirror -R --parallel=2 ${tree} lftp-${round}`;
          const back = `mirror --parallel=2 tree ${balanced.path(`back-${round}`)}`;
          const { code, stderr } = await start(balanced.lftp(slow, up, back)).output();
          const trace = new TextDecoder().decode(stderr);
          assertEquals(code, 0, trace);
          sameTree(tree, balanced.path(`back-${round}`));
        }),
        repeat(going, async (round) => {
          const copy = balanced.path(`copy-${round}`);
          await client(balanced, "download", "/source", "--to", copy, ...rate);
          assertEquals(sha256(await Deno.readFile(copy)), sha256(content));
          await Deno.remove(copy);
        }),
      ];
      const failing = Promise.race(load); // a load that fails ends the test
      for (const name of balanced.nodes.keys()) {
        assertEquals(await Promise.race([balanced.nodes.get(name)!.stop(), failing]), 0);
        await Promise.race([balanced.startAgain(name), failing]);
      }
      isGoing = false;
      const rounds = await Promise.all(load);
      assert(rounds.every((count) => count > 0));

      // The last trees are there and whole, and nothing is left unfinished.
      for (const name of [`up-${rounds[0]! - 1}`, `lftp-${rounds[1]! - 1}`]) {
        await client(
          balanced,
          "download",
          "-r",
          `/${name}`,
          "--to",
          balanced.path(`whole-${name}`),
        );
        sameTree(tree, balanced.path(`whole-${name}`));
      }
      using admin = await balanced.login();
      assertEquals(is(await admin.ask("PARTS"), "OK").parts, []);
    }, ["--drain=1s"]),
});
