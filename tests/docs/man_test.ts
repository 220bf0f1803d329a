// Holds that the man pages are valid, and show every command and option that the help shows.
import { assert, assertEquals } from "@std/assert";
import { commandHelp, overview } from "../../client/cli/options/help.ts";
import { allCommands } from "../../client/cli/commands.ts";
import { manPages } from "../../docs/man/pages.ts";
import { usageOf } from "../../common/admin/command_line.ts";
import { ADMIN_NAMES, adminHelp } from "../../server/admin/commands.ts";
import { environmentName, OPTION_NAMES } from "../../server/options/definitions.ts";
import { helpText } from "../../server/options/help.ts";
import { isInstalled } from "../support/docs/blocks.ts";

const commands = await allCommands();

/** A page as a terminal shows it, in lines that are not broken, and the complaints about it. */
async function render(text: string): Promise<{ shown: string; complaints: string }> {
  const child = new Deno.Command("groff", {
    args: ["-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=2000n", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  const shown = decoder.decode(stdout).replaceAll(/[\u2010\u2212]/g, "-").replaceAll(/ +/g, " ");
  return { shown, complaints: decoder.decode(stderr) };
}

/** The options that a text names, without those of the command that runs the programs. */
function optionsIn(text: string): Set<string> {
  const ours = text.replaceAll("npx -y deno", "deno");
  return new Set(ours.match(/(?<![\w-])--?[a-z][a-z-]*/g));
}

/** Parts that each page has to show. */
const WANTED: Record<string, { help: string; words: string[] }> = {
  "towpath.1": {
    help: "",
    words: ["serve", "client", ...commands.map(({ name }) => name), "towpath-serve(1)"],
  },
  "towpath-serve.1": {
    help: helpText(),
    words: [...OPTION_NAMES.map(environmentName), "SIGHUP", "server.json", "EXIT STATUS"],
  },
  "towpath-admin.1": {
    help: adminHelp(),
    words: [...ADMIN_NAMES.map(usageOf), "EXIT STATUS"],
  },
  "towpath-client.1": {
    help: [overview(commands), ...commands.map(commandHelp)].join("\n"),
    words: [
      ...commands.map(({ name }) => name === "admin" ? "towpath client admin" : `towpath ${name}`),
      ...["TOWPATH_PASSWORD", "transfers/", "130"],
    ],
  },
};

Deno.test({
  name: "man pages are valid, and show every command and option that the help shows",
  ignore: !isInstalled("groff"),
  async fn() {
    const pages = manPages();
    assertEquals([...pages.keys()].sort(), Object.keys(WANTED).sort());
    for (const [name, text] of pages) {
      const { shown, complaints } = await render(text);
      assertEquals(complaints, "", name);
      const { help, words } = WANTED[name]!;
      for (const word of words) assert(shown.includes(word), `${name} lacks ${word}`);
      const options = optionsIn(shown);
      assertEquals([...optionsIn(help)].filter((option) => !options.has(option)), [], name);
      assert(!/\\|<!--|\]\(/.test(shown), `${name} shows markup`);
    }
  },
});
