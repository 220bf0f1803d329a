/** Names: what one door stores under a random name, all listings show, and it can be removed. */
import { RawClient } from "../support/raw_client.ts";
import { randomName } from "./random.ts";
import type { Random } from "../../soak/common/random.ts";
import { type Case, Fault, type World } from "./world.ts";

/** One file under a random name in a directory of its own. */
export async function fuzzNames(world: World, task: Case, random: Random): Promise<void> {
  using client = await RawClient.connect(world.server);
  await client.ask("AUTH", { token: world.token });
  const directory = `/names-${task.number}`;
  await client.ask("MKD", { path: directory });
  const name = randomName(random).replaceAll("/", "-");
  task.note(name);
  const stored = await client.upload(`${directory}/${name}`, "x", { if_exists: "overwrite" });
  world.clean(JSON.stringify(stored));
  if (stored.status === "ERROR") throw new Fault(`A name failed inside: ${JSON.stringify(stored)}`);
  if (stored.status === "OK") {
    const shown = String(stored.data.filename).slice(directory.length + 1);
    const { data } = await client.ask("NLST", { path: directory });
    const listed = data.names as string[];
    // A name of dots leads elsewhere: there is nothing to be seen of it here.
    const here = String(stored.data.filename).startsWith(`${directory}/`);
    if (here && (listed.length !== 1 || listed[0] !== shown)) {
      throw new Fault(`Stored as ${JSON.stringify(shown)}, listed as ${JSON.stringify(listed)}`);
    }
    const removed = await client.ask("DELE", { filename: stored.data.filename });
    if (removed.status !== "OK") throw new Fault(`Not removed: ${JSON.stringify(removed)}`);
  }
  await client.ask("RMD", { path: directory, recursive: true });
}
