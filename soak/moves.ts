/** Directories that are renamed while files are uploaded into them. */
import { delay } from "@std/async";
import { bytesOf, type Content, firstDifference, randomContent } from "./common/content.ts";
import { Refused } from "./common/door_client.ts";
import type { Http } from "./doors/http.ts";
import type { Moved } from "./model.ts";
import type { Log, User } from "./user.ts";

const FILES = 4;
/** Maximum delay of a rename after the uploads' begin, ms. */
const MAX_DELAY_MS = 150;

/**
 * Renames a directory while files are uploaded into it. The next check looks for the acknowledged
 * ones.
 */
export async function moveUnderUploads(user: User): Promise<void> {
  const { model, random, log, http, directory } = user;
  const number = model.moved.length;
  const moved: Moved = {
    from: `${directory}/from${number}`,
    to: `${directory}/to${number}`,
    acknowledged: new Map<string, Content>(),
  };
  model.moved.push(moved);
  await http.json("POST", "/directories", { path: moved.from });
  const put = async (name: string) => {
    const content = randomContent(random);
    await random.pick(user.doors).put(`${moved.from}/${name}`, content, "overwrite", undefined);
    moved.acknowledged.set(name, content);
    log.count("put below a rename");
  };
  await put("before");
  const delayMs = random.below(MAX_DELAY_MS);
  const work = Array.from({ length: FILES }, (_, index) => put(`f${index}`));
  work.push(
    delay(delayMs).then(async () => {
      await http.json("POST", "/rename", { from: moved.from, to: moved.to });
      log.count("rename above uploads");
    }),
  );
  const failures = (await Promise.allSettled(work)).flatMap((one) => {
    return one.status === "rejected" ? [one.reason] : [];
  });
  const worst = failures.find((error) => !(error instanceof Refused)) ??
    failures.find((error) => !error.expected) ?? failures[0];
  if (worst !== undefined) throw worst;
}

/** Compares what such renames left, and removes it. */
export async function settleMoves(user: User, owner: Http, log: Log): Promise<void> {
  const { model, home, http, directory } = user;
  for (const moved of model.moved.splice(0)) {
    const [from, to] = await Promise.all([moved.from, moved.to].map((path) => {
      const place = `${home.directory}${path.slice(directory.length)}`;
      return user.context.place.stored.files(owner, place);
    }));
    if (from !== undefined && to !== undefined && moved.acknowledged.size > 0) {
      // A late upload may have made the directory again; the file that was there before goes along.
      log.count("both directories");
    }
    for (const [name, content] of moved.acknowledged) {
      const found = [from, to].flatMap((names) => names?.get(name) ?? []);
      if (found.length !== 1) {
        log.difference(
          `${user.id}: ${name} of ${moved.from}, renamed to ${moved.to}, is there ${found.length} times`,
        );
      } else if (firstDifference(bytesOf(content), await found[0]!()) !== undefined) {
        log.difference(`${user.id}: ${name} of ${moved.from} differs after the rename`);
      }
    }
    for (const path of [moved.from, moved.to]) {
      await http.ask("DELETE", `/api/v1/files${path}?recursive=true`, { also: 404 });
    }
  }
}
