/**
 * FTP uploads that are cut and continued. FTP has no upload ids: a client continues the content
 * that the server reports for the name. While neither server nor worker fails, that is the upload
 * that was cut, even if a file of that name exists.
 */
import type { Content } from "./common/content.ts";
import { type BlindResume, Refused } from "./common/door_client.ts";
import type { User } from "./user.ts";

/** Uploads in two parts. @returns whether it was acknowledged; if not, send it whole */
export async function putInTwo(
  user: User,
  blind: BlindResume,
  path: string,
  content: Content,
  cut: number,
): Promise<boolean> {
  const { context: { place }, http, log } = user;
  const before = new Set((await http.unfinished(path)).map(({ id }) => id));
  const isSteady = place.watch();
  if (await blind.begin(path, content, cut)) return true;
  const begun = (await http.unfinished(path)).some(({ id }) => !before.has(id));
  if (!begun || !isSteady()) return false;
  try {
    await blind.goOn(path, content, user.random.next());
  } catch (error) {
    if (!isSteady()) user.model.mixed.add(path);
    if (!(error instanceof Refused)) throw error;
    log.count("not continued");
    return false;
  }
  if (isSteady()) return true;
  user.model.mixed.add(path);
  throw new Error("Something failed while an upload was continued: the beginning may be another's");
}
