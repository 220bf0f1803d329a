import type { Command } from "../options/command.ts";
import { suggestion } from "../../../common/command_line.ts";
import { printable } from "../../../common/printable.ts";
import { usageError } from "../../lib/common/error.ts";
import { COMPLETION_SCRIPTS } from "../completion/scripts.ts";

/** `completion SHELL` */
export const completion: Command = {
  name: "completion",
  summary: "print the script that lets a shell complete commands, options and remote paths",
  usage: "bash | zsh | fish",
  options: [],
  arguments: { least: 1, most: 1 },
  details: "For the installed command towpath. Remote paths are completed with a kept login.",
  examples: [
    "completion bash >> ~/.bashrc",
    'completion zsh > "${fpath[1]}/_towpath"',
    "completion fish > ~/.config/fish/completions/towpath.fish",
  ],
  run({ args, output }) {
    const script = COMPLETION_SCRIPTS.get(args[0]!);
    if (script === undefined) {
      const meant = suggestion(args[0]!, [...COMPLETION_SCRIPTS.keys()]);
      throw usageError(
        `There is no completion for "${printable(args[0]!)}"${
          meant || ": it is one of bash, zsh, fish"
        }`,
      );
    }
    output.event("done", { script });
    output.result(script.trimEnd());
    return Promise.resolve();
  },
};
