/** Many small files at once by the client library, which pipelines them. */
import { uploadMany } from "../client/lib/mod.ts";
import { bytesOf, type Content } from "./common/content.ts";
import { connect } from "./doors/native.ts";
import type { User } from "./user.ts";

/** Files of a burst, and the number of names they share. */
const FILES = 40;
const NAMES = 50;
const MAX_BYTES = 96 * 1024;

/** Stores a burst; one in three ends with its client on the way. */
export async function burst(user: User): Promise<void> {
  const { model, random, log, directory, context: { local } } = user;
  const root = await Deno.makeTempDir({ dir: local });
  const contents = new Map<string, Content>();
  for (let i = 0; i < FILES; i++) {
    const path = `${directory}/p${random.below(NAMES)}`;
    if (model.at(path) === undefined) continue;
    const content = { seed: random.below(2 ** 32), size: random.below(MAX_BYTES) };
    contents.set(path, content);
    Deno.writeFileSync(`${root}/${path.split("/").at(-1)}`, bytesOf(content));
  }
  const controller = new AbortController();
  const timer = random.chance(1 / 3)
    ? setTimeout(() => controller.abort(), random.below(120))
    : undefined;
  try {
    const client = await connect(user.context, controller.signal);
    // Each file may have been stored, whether its reply arrives or not.
    for (const [path, content] of contents) model.maybe(path, content);
    const items = [...contents.keys()].map((remote) => {
      return { path: `${root}/${remote.split("/").at(-1)}`, remote };
    });
    try {
      await uploadMany(client, items, { ifExists: "overwrite", parallel: 2 }, {
        onDone({ remote }) {
          model.set(remote, contents.get(remote)!);
          log.count(timer === undefined ? "pipelined" : "pipelined, cut");
        },
      });
    } finally {
      await client.close().catch(() => {});
    }
  } finally {
    clearTimeout(timer);
    await Deno.remove(root, { recursive: true });
  }
}
