/**
 * The plainest forms of requests that come by the thousand, checked without the schemas: a tenth of
 * the time. What is not of these forms is none of this file's business (messages.ts).
 */
const SHA256 = /^[0-9a-f]{64}$/;
const IF_EXISTS: ReadonlySet<unknown> = new Set(["version", "overwrite", "skip", "fail"]);

/**
 * The data of a request, if it is of a form that is known here and good in every member.
 *
 * @returns what the schema would return, or undefined: then the schema has to be asked
 */
export function quickData(
  command: string,
  data: Record<string, unknown>,
): Record<string, unknown> | undefined {
  switch (command) {
    case "UPLOAD":
      return quickUpload(data);
    case "END":
      return data.file_hash === undefined && data.file_size === undefined ? {} : undefined;
    case "DOWNLOAD":
      return quickDownload(data);
    default:
      return undefined;
  }
}

/** Of a whole file whose hash is known, sent without waiting. */
function quickUpload(data: Record<string, unknown>): Record<string, unknown> | undefined {
  const { filename, file_size, file_hash, mtime, if_exists, make_dirs, pipelined, key, mode } =
    data;
  const good = typeof filename === "string" && isSmallCount(file_size) &&
    typeof file_hash === "string" && SHA256.test(file_hash) && isSmallCount(mtime) &&
    IF_EXISTS.has(if_exists) && typeof make_dirs === "boolean" && pipelined === true &&
    data.overwrite === undefined && (mode === undefined || isMode(mode)) &&
    (key === undefined || isKey(key));
  if (!good) return undefined;
  const known: Record<string, unknown> = { filename, file_size, file_hash, mtime, if_exists };
  known.make_dirs = make_dirs;
  known.pipelined = pipelined;
  if (mode !== undefined) known.mode = mode;
  if (key !== undefined) known.key = key;
  return known;
}

/** Permission bits. */
function isMode(value: unknown): boolean {
  return Number.isInteger(value) && value as number >= 0 && value as number <= 0o777;
}

function isKey(value: unknown): boolean {
  return typeof value === "string" && value.length > 0 && value.length <= 64;
}

/** Of a whole file, whatever its version. */
function quickDownload(data: Record<string, unknown>): Record<string, unknown> | undefined {
  const { filename, offset, length, if_hash } = data;
  const good = typeof filename === "string" && offset === undefined && length === undefined &&
    if_hash === undefined;
  return good ? { filename } : undefined;
}

/** A size or time within every limit there is: 0 … 250,000,000,000,000. */
function isSmallCount(value: unknown): boolean {
  return Number.isInteger(value) && value as number >= 0 && value as number <= 2.5e14;
}
