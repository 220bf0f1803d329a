// The import graph of the project's own files, read from their text.
import { fromFileUrl } from "@std/path";

/** The project's directory, with a slash at its end. */
export const ROOT = fromFileUrl(new URL("../../", import.meta.url));

const SKIPPED = new Set([".git", "node_modules", "data"]);

/** Every TypeScript file of the project, relative to {@link ROOT}. */
export async function projectFiles(directory = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(ROOT + directory)) {
    const name = directory + entry.name;
    if (entry.isDirectory && !SKIPPED.has(entry.name)) {
      files.push(...await projectFiles(`${name}/`));
    } else if (entry.isFile && /\.tsx?$/.test(entry.name)) files.push(name);
  }
  return files.sort();
}

/** Everything that counts as an import: static, for types, dynamic, and modules of workers. */
const PATTERNS = [
  /^[ \t]*(?:import|export)\b[^"'`;=()]*?\bfrom\s*["']([^"']+)["']/gm,
  /^[ \t]*import\s*["']([^"']+)["']/gm,
  /\bimport\(\s*["']([^"']+)["']/g,
  /\bnew URL\(\s*["'](\.[^"']+\.ts)["'],\s*import\.meta\.url/g,
];

/** The specifiers that a module's text imports. Comments do not count. */
export function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[^]*?\*\//g, "").replace(/^[ \t]*\/\/.*$/gm, "");
  return PATTERNS.flatMap((pattern) => Array.from(code.matchAll(pattern), (match) => match[1]!));
}

/** The specifiers that are loaded together with a module: neither types nor dynamic imports. */
export function loadedWith(text: string): string[] {
  return valuesWithout(text, PATTERNS.slice(2));
}

/**
 * The specifiers of modules whose text Deno keeps in memory together with this one: no types, but
 * those of dynamic imports, even before they are loaded.
 */
export function keptWith(text: string): string[] {
  return valuesWithout(text, PATTERNS.slice(3));
}

function valuesWithout(text: string, left: readonly RegExp[]): string[] {
  const values = text.replace(/^[ \t]*(?:import|export)\s+type\b[^"';]*["'][^"']+["']/gm, "");
  const others = new Set(
    left.flatMap((pattern) => [...values.matchAll(pattern)]).map((match) => match[1]!),
  );
  return importsOf(values).filter((name) => !others.has(name));
}

/** The first circle that is found, beginning and ending with the same module. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return undefined;
    path.push(file);
    for (const target of graph.get(file) ?? []) {
      const cycle = visit(target);
      if (cycle) return cycle;
    }
    path.pop();
    finished.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return undefined;
}
