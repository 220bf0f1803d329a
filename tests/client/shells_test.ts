// Holds that the scripts for zsh and fish load without a complaint and complete what bash completes.
import { assertEquals } from "@std/assert";
import { isInstalled } from "../support/docs/blocks.ts";
import { InstalledCommand } from "../support/client/installed_command.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** Typed text, and the line after Tab. */
const LINES = (file: string): [string, string][] => [
  ["towpath upl", "towpath upload "],
  ["towpath upload --if-ex", "towpath upload --if-exists "],
  ["towpath serve --web-po", "towpath serve --web-port "],
  ["towpath admin user pass", "towpath admin user passwd "],
  [`towpath upload ${file.slice(0, -3)}`, `towpath upload ${file} `],
  ["towpath list /doc", "towpath list /docs/"],
];

/** Types a line and Tab into an interactive zsh, with the completion loaded as the first argument says. */
const ZSH = `
zmodload zsh/zpty
zpty -b shell 'TERM=dumb zsh -f -i'
zpty -w shell "PS1=; COLUMNS=500; autoload -U compinit; $1; "'
  show-line() { print -r -- "<<$BUFFER>>"; zle kill-whole-line }
  zle -N show-line; bindkey "^X" show-line; bindkey "^I" complete-word
  unsetopt autolist automenu beep; print REA""DY'
zpty -r -m shell output '*READY*' || exit 1
for line in "\${@:2}"; do
  zpty -w -n shell "$line"$'\\t'$'\\C-X'
  zpty -r -m shell output '*<<*>>*' || exit 1
  print -r -- "\${\${output##*<<}%%>>*}"
done
zpty -d shell
`;

async function run(program: string, args: string[], env: Record<string, string>) {
  const { stdout, stderr } = await new Deno.Command(program, { args, env, stdin: "null" }).output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stderr), "");
  return decoder.decode(stdout).trimEnd().split("\n");
}

/** A server with /docs/, and what a shell needs to ask it. */
async function prepare(server: TestServer, command: InstalledCommand) {
  const file = `${command.place}/notes.txt`;
  Deno.writeTextFileSync(file, "notes");
  const env = {
    PATH: command.path,
    HOME: command.place,
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
    TOWPATH_SERVER: `localhost:${server.port}`,
    TOWPATH_CA: server.ca,
    TOWPATH_USER: "admin",
    TOWPATH_PASSWORD: server.password,
  };
  assertEquals(await run(`${command.place}/towpath`, ["mkdir", "/docs"], env), [""]);
  return { env, lines: LINES(file) };
}

Deno.test({
  name: "zsh completes with the script, evaluated or as a file of $fpath",
  ignore: !isInstalled("zsh"),
  async fn() {
    await using server = await startServer();
    using command = new InstalledCommand();
    const { env, lines } = await prepare(server, command);
    const script = await run(`${command.place}/towpath`, ["completion", "zsh"], env);
    Deno.writeTextFileSync(`${command.place}/_towpath`, script.join("\n") + "\n");
    const typed = lines.map(([line]) => line);
    const wanted = lines.map(([, line]) => line);
    const evaluated = 'compinit -u -D; eval "$(towpath completion zsh)"';
    const placed = `fpath=(${command.place} $fpath); compinit -u -D`;
    assertEquals(await run("zsh", ["-fc", ZSH, "zsh", evaluated, ...typed], env), wanted);
    assertEquals(
      await run("zsh", ["-fc", ZSH, "zsh", placed, typed[0]!, typed.at(-1)!], env),
      [wanted[0]!, wanted.at(-1)!],
    );
  },
});

Deno.test({
  name: "fish completes with the script",
  ignore: !isInstalled("fish"),
  async fn() {
    await using server = await startServer();
    using command = new InstalledCommand();
    const { env, lines } = await prepare(server, command);
    const script = "towpath completion fish | source; for line in $argv; " +
      "complete -C $line | string split -f 1 \\t; end";
    assertEquals(
      await run("fish", ["--no-config", "-c", script, ...lines.map(([line]) => line)], env),
      // fish shows the last word of each line, and adds the space itself.
      lines.map(([, line]) => line.trimEnd().split(" ").at(-1)!),
    );
  },
});
