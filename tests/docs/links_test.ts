// Holds that the links of the documentation, and citations of it in comments, have targets.

import { dirname, join, normalize } from "@std/path/posix";
import { assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { documents } from "../../docs/generate.ts";
import { projectFiles, ROOT } from "../support/import_graph.ts";

const GUIDES = [...Deno.readDirSync(join(ROOT, "docs/guides"))].map(({ name }) => name).sort();
const DOCUMENTS = [
  ...["README.md", "CONTRIBUTING.md"],
  ...documents().map((name) => `docs/${name}`),
  ...GUIDES.map((name) => `docs/guides/${name}`),
];
const read = (file: string) => Deno.readTextFileSync(join(ROOT, file));

/** A document's text without its examples: a `#` in one is no heading. */
function prose(file: string): string {
  return read(file).replace(/^```[^]*?^```/gm, "").replace(/^ {4}.*$/gm, "");
}

function headings(file: string): string[] {
  return [...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
}

/** The anchor that a heading gets on the usual sites. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

/** Targets of links and images within the project. */
function targets(file: string): string[] {
  const found = prose(file).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g);
  return [...found].map(([, link, source]) => (link ?? source)!)
    .filter((target) => !/^https?:/.test(target));
}

function exists(file: string): boolean {
  try {
    return Deno.statSync(join(ROOT, file)) !== undefined;
  } catch {
    return false;
  }
}

for (const file of DOCUMENTS) {
  Deno.test(`the links of ${file} lead to existing files and headings`, () => {
    const broken: string[] = [];
    for (const target of targets(file)) {
      const [path, fragment] = target.split("#") as [string, string?];
      const to = path === "" ? file : normalize(join(dirname(file), path));
      if (!exists(to)) broken.push(target);
      else if (fragment !== undefined && !headings(to).map(anchor).includes(fragment)) {
        broken.push(target);
      }
    }
    assertEquals(broken, []);
  });
}

Deno.test("documents and headings that comments cite exist", async () => {
  const broken: string[] = [];
  for (const file of await projectFiles()) {
    // A citation may be broken over two lines of a comment.
    const text = read(file).replace(/\s*\n\s*(\*|\/\/)\s*/g, " ");
    const citations = text.matchAll(
      /((?:docs\/(?:guides\/)?[a-z_-]+|CONTRIBUTING)\.md)((?:,? (?:and )?"[A-Z][^"\n]*")*)/g,
    );
    for (const [, cited, quoted] of citations) {
      const document = cited!;
      if (!exists(document)) broken.push(`${file}: ${document}`);
      else {
        const there = headings(document!);
        for (const [, heading] of quoted!.matchAll(/"([^"]+?),?"/g)) {
          if (!there.includes(heading!)) broken.push(`${file}: ${document}, "${heading}"`);
        }
      }
    }
  }
  assertEquals(broken, []);
});

Deno.test("every task that a document names is in deno.json", () => {
  const unknown: string[] = [];
  for (const file of DOCUMENTS) {
    for (const [, name] of read(file).matchAll(/\bdeno(?:@[\d.]+)? task ([a-z]+)/g)) {
      if (!Object.hasOwn(config.tasks, name!)) unknown.push(`${file}: ${name}`);
    }
  }
  assertEquals(unknown, []);
});

Deno.test("CONTRIBUTING.md lists every task", () => {
  const listed = [...read("CONTRIBUTING.md").matchAll(/^\| `deno task ([a-z:]+)/gm)];
  assertEquals(listed.map(([, name]) => name).sort(), Object.keys(config.tasks).sort());
});

Deno.test("README begins with the two commands for a machine that has only npx", () => {
  const lines = read("README.md").split("\n").map((line) => line.trim());
  const commands = lines.filter((line) => line.startsWith("npx "));
  assertEquals(commands.slice(0, 2), [
    "npx -y deno@2.9.6 task demo",
    "npx -y deno@2.9.6 task test",
  ]);
});

Deno.test("README leads to every document and every picture", () => {
  const reached = new Set(["README.md"]);
  for (const file of reached) {
    if (!file.endsWith(".md")) continue;
    for (const target of targets(file)) {
      const [path] = target.split("#");
      if (path !== "") reached.add(normalize(join(dirname(file), path!)));
    }
  }
  const images = [...Deno.readDirSync(join(ROOT, "docs/images"))]
    .map(({ name }) => `docs/images/${name}`);
  assertEquals([...DOCUMENTS, ...images].filter((file) => !reached.has(file)), []);
});
