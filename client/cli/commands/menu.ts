import { Menu } from "../menu/menu.ts";
import type { Command } from "../options/command.ts";
import { DOWNLOAD_PLACES } from "../options/download_places.ts";

/** `menu` */
export const menu: Command = {
  name: "menu",
  summary: "choose from a numbered menu: upload, download, view, delete, list",
  usage: "",
  options: DOWNLOAD_PLACES,
  arguments: { least: 0, most: 0 },
  interactive: true,
  details: `Type the number of an action, or its name; a file can follow on the same line. An empty
line goes back to the menu, Ctrl-C stops a transfer. Without a terminal the lines of standard input
are the answers; user name and password come first where nothing else gives them. The end of the
input leaves the menu, with exit code 0.`,
  examples: [
    "menu --server files.example.org:9000",
    "menu --host files.example.org --user alice --download-dir ~/downloads",
  ],
  async run(context) {
    const session = new Menu(context);
    const onInterrupt = () => {
      if (!session.interrupt()) Deno.exit(130);
    };
    Deno.addSignalListener("SIGINT", onInterrupt);
    try {
      await session.run();
    } finally {
      Deno.removeSignalListener("SIGINT", onInterrupt);
    }
  },
};
