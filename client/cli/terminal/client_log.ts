/**
 * The log of the client (`--log-file`): one line for each command, note, transfer and error. It has
 * the members that are listed here and no others, so that no secret of a reply gets into it.
 */
import { jsonLine, printable, quoted } from "../../../common/printable.ts";
import { needWrite } from "../../lib/common/environment.ts";
import { localError } from "../../lib/common/error.ts";

/** Forms of its lines, as those of the server's log. */
export type LogFormat = "text" | "json";

/** Members of an event that a line shows. */
const SHOWN = [
  ...["filename", "local", "remote", "direction", "size", "hash", "seconds", "resumed_from"],
  ...["offset", "attempt", "pause_ms", "code", "status", "server", "username"],
] as const;

const encoder = new TextEncoder();

/** A log file; lines are added to what is there. */
export class ClientLog {
  private constructor(private readonly file: Deno.FsFile, private readonly format: LogFormat) {}

  /** Opens it, for its user alone where it is new. @param path absolute @throws {ClientError} */
  static open(path: string, format: LogFormat): ClientLog {
    needWrite(path);
    try {
      return new ClientLog(
        Deno.openSync(path, { append: true, create: true, mode: 0o600 }),
        format,
      );
    } catch (error) {
      throw localError(error, `Cannot write the log file ${quoted(path)}`, path);
    }
  }

  /** Logs a sentence. @param data of an event, or further members */
  write(level: "info" | "warning" | "error", message: string, data: object = {}): void {
    const time = new Date().toISOString();
    const text = withoutLogin(message);
    const given = data as Readonly<Record<string, unknown>>;
    const members = SHOWN.filter((name) => given[name] !== undefined && given[name] !== null)
      .map((name) => [name, plain(given[name])] as const);
    const line = this.format === "json"
      ? jsonLine({ time, level, source: "client", message: text, ...Object.fromEntries(members) })
      : `${time} ${level.toUpperCase()} client: ${printable(text)}` +
        members.map(([name, value]) => ` ${name}=${JSON.stringify(value)}`).join("");
    try {
      this.file.writeSync(encoder.encode(`${line}\n`)); // at once: lines of two clients never mix
    } catch {
      // A full disk ends no transfer.
    }
  }
}

function plain(value: unknown): string | number | boolean {
  if (typeof value === "number" || typeof value === "boolean") return value;
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
  return printable(withoutLogin(text));
}

/** Text with URLs that have no name and password: some are typed where they do not belong. */
function withoutLogin(text: string): string {
  return text.split(/([\s"])/).map(withoutUserInfo).join("");
}

function withoutUserInfo(word: string): string {
  const [start, end] = [word.indexOf("//"), word.lastIndexOf("@")];
  return start === -1 || end < start ? word : `${word.slice(0, start + 2)}…${word.slice(end)}`;
}
