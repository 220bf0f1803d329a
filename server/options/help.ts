/** The help text and the reference table, derived from the definitions. */
import { programName } from "../../common/program_name.ts";
import { environmentName, OPTION_NAMES, type OptionName, OPTIONS } from "./definitions.ts";

function flagOf(name: OptionName): string {
  const { placeholder } = OPTIONS[name].kind;
  return placeholder === null ? `--${name}` : `--${name} ${placeholder}`;
}

/** Formats the output of `--help`. */
export function helpText(): string {
  const lines = OPTION_NAMES.map((name) => {
    const { summary, shownDefault, repeatable } = OPTIONS[name];
    const notes = [
      shownDefault && `default: ${shownDefault}`,
      repeatable && "repeatable",
    ];
    const shown = notes.filter(Boolean).join("; ");
    return `  ${flagOf(name)}\n      ${summary}${shown ? ` (${shown})` : ""}`;
  });
  return `Usage: ${programName("serve")} [options]

Serves files: over the Towpath protocol, and over FTP and HTTPS where their ports are given.

${lines.join("\n")}
  --help, --version
      this text; the version

SIZE is a number of bytes, with K, M, G or T behind it where wanted; DUR a number with ms, s, m, h
or d. Each option is also an environment variable (--part-ttl: ${
    environmentName("part-ttl")
  }; commas
part several values) and a key of the config file ("part-ttl"). A flag beats the environment, which
beats the file. The password of the first account, admin, is taken from TOWPATH_ADMIN_PASSWORD, or
made and printed once.
`;
}

/** The table of docs/cli.md, in Markdown. */
export function referenceTable(): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const rows = OPTION_NAMES.map((name) => {
    const { summary, shownDefault, repeatable } = OPTIONS[name];
    const flag = `\`${cell(flagOf(name))}\`${repeatable ? " (repeatable)" : ""}`;
    return `| ${flag} | \`${environmentName(name)}\` | ${shownDefault} | ${summary} |`;
  });
  return [
    "| option and config key | environment variable | default | meaning |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}
