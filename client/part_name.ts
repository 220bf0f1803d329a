/** Names of temporary files: `.NAME.<8 hex>.towpath-part`, beside the file that each becomes. */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";

const SUFFIX = ".towpath-part";
const MAX_NAME_BYTES = 255;
/** Room for `.`, `.`, eight digits and the suffix. */
const MAX_KEPT_BYTES = MAX_NAME_BYTES - 10 - SUFFIX.length;
/** Bytes kept of a longer name, before `~` and 16 digits of its hash. */
const SHORT_BYTES = 200;
const RANDOM_PART = /^[0-9a-f]{8}\.towpath-part$/;
const ANY_PART = /^\.[^]+\.[0-9a-f]{8}\.towpath-part$/;
const encoder = new TextEncoder();

/** Returns a new temporary name for a target, as a path in the target's directory. */
export function newPartPath(target: string): string {
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  const digits = random!.toString(16).padStart(8, "0");
  return join(dirname(target), `${partPrefix(target)}${digits}${SUFFIX}`);
}

/** Returns a new temporary name beside a relative or remote path, with `/` in between. */
export function newPartName(path: string): string {
  const directory = path.slice(0, path.lastIndexOf("/") + 1);
  return directory + basename(newPartPath(path.slice(directory.length)));
}

/** Whether the base name of `path` is a temporary name of the target. */
export function isPartOf(path: string, target: string): boolean {
  const name = basename(path).normalize();
  const prefix = partPrefix(target).normalize();
  return name.startsWith(prefix) && RANDOM_PART.test(name.slice(prefix.length));
}

/** Whether a path has the form of a temporary name, whatever its target. */
export function looksLikePart(path: string): boolean {
  return path.endsWith(SUFFIX) && ANY_PART.test(basename(path));
}

/** Returns what temporary names of a target begin with; long names are shortened, unambiguously. */
function partPrefix(target: string): string {
  const name = basename(target);
  if (encoder.encode(name).length <= MAX_KEPT_BYTES) return `.${name}.`;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 16);
  let head = "";
  for (const character of name) {
    if (encoder.encode(head + character).length > SHORT_BYTES) break;
    head += character;
  }
  return `.${head}~${digest}.`;
}
