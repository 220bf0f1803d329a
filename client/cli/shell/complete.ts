/** Completion of a line of the shell. */
import { dirname, join } from "@std/path";
import type { Command } from "../options/command.ts";
import { mayRead } from "../../lib/common/environment.ts";
import { localPath } from "../../lib/local/local_path.ts";
import { COMMON_OPTIONS } from "../options/options.ts";
import { printable } from "../../../common/printable.ts";
import type { Completion } from "./line_reader.ts";
import { type Operand, operandAt, operandOf } from "./places.ts";
import { findVerb, VERBS } from "./verbs.ts";
import { escapeWord, splitWords } from "./words.ts";

/** Names in a directory; those of directories end with a slash. */
export type Lister = (directory: string) => Promise<string[]>;

/**
 * Completes the last word of a line: a command, an option, or a path.
 *
 * @param remote lists a remote directory, as seen from the current one
 */
export async function complete(
  before: string,
  commands: readonly Command[],
  remote: Lister,
): Promise<Completion> {
  const { words, lastBegins } = splitWords(before);
  const last = words.at(-1)!;
  const typed = before.slice(lastBegins);
  if (words.length === 1) return [commandNames(last, commands).map((name) => `${name} `), typed];
  if (last.startsWith("-")) {
    const options = commands.find(({ name }) => name === words[0])?.options ?? [];
    const all = [...options, ...COMMON_OPTIONS].map(({ name }) => `--${name} `);
    return [all.filter((name) => name.startsWith(last)), typed];
  }
  const kind = kindOf(words);
  if (kind === "other") return [[], typed];
  const cut = last.lastIndexOf("/") + 1;
  const [directory, start] = [last.slice(0, cut), last.slice(cut)];
  const names = await (kind === "remote" ? remote : listLocal)(directory || ".");
  const fitting = names.filter((name) =>
    name.startsWith(start) && printable(name) === name && (start !== "" || !name.startsWith("."))
  ).sort();
  // The name alone is listed and replaced, unless a quote before it has to go too.
  const typedName = typed.slice(typed.lastIndexOf("/") + 1);
  const alone = escapeWord(directory) + typedName === typed;
  const written = fitting.map((name) =>
    escapeWord(alone ? name : directory + name) + (name.endsWith("/") ? "" : " ")
  );
  return [written, alone ? typedName : typed];
}

/** Determines the kind of the word that is typed. */
function kindOf(words: string[]): Operand {
  const [first, ...args] = words as [string, ...string[]];
  const before = args.at(-2);
  const option = before?.startsWith("--") ? operandOf(first, before.slice(2)) : undefined;
  if (option !== undefined && option !== "other") return option;
  const index = args.slice(0, -1).filter((arg) => !arg.startsWith("-")).length;
  const verb = findVerb(first);
  const own = operandAt(first, index, args);
  if (own !== "other" || verb?.operands === undefined) return own;
  return verb.operands[Math.min(index, verb.operands.length - 1)]!;
}

function commandNames(start: string, commands: readonly Command[]): string[] {
  const upper = start !== "" && start === start.toUpperCase();
  const verbs = VERBS.flatMap(({ name, aliases = [] }) => [name, ...aliases])
    .map((name) => upper ? name : name.toLowerCase());
  const names = upper ? verbs : [...verbs, ...commands.map(({ name }) => name)];
  return [...new Set(names)].filter((name) => name.startsWith(start)).sort();
}

function listLocal(directory: string): Promise<string[]> {
  const path = localPath(directory);
  if (!mayRead(path)) return Promise.resolve([]);
  try {
    const names = [...Deno.readDirSync(path)].map((entry) => {
      const directory = entry.isDirectory ||
        (entry.isSymlink && isDirectory(join(path, entry.name)));
      return directory ? `${entry.name}/` : entry.name;
    });
    return Promise.resolve(names);
  } catch {
    return Promise.resolve([]);
  }
}

function isDirectory(path: string): boolean {
  try {
    return mayRead(dirname(path)) && Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
