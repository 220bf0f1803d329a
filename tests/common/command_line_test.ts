/** Command lines, as all programs read them. */
import { assertEquals, assertThrows } from "@std/assert";
import { assertErrorLike } from "../support/errors.ts";
import { commandSuggestion, type Flag, readCommandLine } from "../../common/command_line.ts";

const FLAGS: Flag[] = [
  { name: "to", takesValue: true },
  { name: "user", short: "u", takesValue: true },
  { name: "recursive", short: "r", takesValue: false },
  { name: "long", short: "l", takesValue: false },
  { name: "overwrite", takesValue: false },
  { name: "no-progress", takesValue: false },
  { name: "json", takesValue: "optional" },
];

function read(...args: string[]) {
  const { values, positionals } = readCommandLine(args, FLAGS);
  return [Object.fromEntries(values), positionals];
}

Deno.test("options have their values, and all else is an argument as it is written", () => {
  assertEquals(read("a", "--to", "b", "12", "0x1"), [{ to: ["b"] }, ["a", "12", "0x1"]]);
  assertEquals(read("--to=-5", "--to", "-", "--to", ""), [{ to: ["-5", "-", ""] }, []]);
  assertEquals(read("--to", "--user"), [{ to: ["--user"] }, []]);
  assertEquals(read("-", "-rl", "-ualice", "-u", "bob"), [
    { recursive: ["true"], long: ["true"], user: ["alice", "bob"] },
    ["-"],
  ]);
  assertEquals(read("--json", "--json=off", "x"), [{ json: ["true", "off"] }, ["x"]]);
  assertEquals(read("--", "--to", "-x", "--"), [{}, ["--to", "-x", "--"]]);
  assertEquals(read("--no-progress"), [{ "no-progress": ["true"] }, []]);
  assertEquals(read("--to=a\nb", "--to=--no-x=1"), [{ to: ["a\nb", "--no-x=1"] }, []]);
  assertEquals(read("--to=a=b", "--to=--json"), [{ to: ["a=b", "--json"] }, []]);
});

Deno.test("an unknown option, a missing value and a value too many are refused", () => {
  const wrong = {
    "--overwrit": "Unknown option --overwrit; did you mean --overwrite?",
    "--overwriet": "Unknown option --overwriet; did you mean --overwrite?",
    "--jsno": "Unknown option --jsno; did you mean --json?",
    "--ovrwrite=1": "Unknown option --ovrwrite; did you mean --overwrite?",
    "--constructor": "Unknown option --constructor; --help lists them",
    "--to.x": "Unknown option --to.x; --help lists them",
    "--no-jso": "Unknown option --no-jso; --help lists them",
    "-x": "Unknown option -x; --help lists them",
    "-rx": "Unknown option -rx; --help lists them",
    "--to": "--to needs a value",
    "-u": "-u needs a value",
    "--recursive=yes": "--recursive takes no value",
  };
  for (const [arg, message] of Object.entries(wrong)) {
    assertErrorLike(assertThrows(() => read(arg)), { name: "TypeError", message });
  }
});

Deno.test("another word for an action, and a mistyped group of actions, are understood", () => {
  const names = ["parts", "parts rm", "user add", "user remove", "status"];
  const cases: [string, string][] = [
    ["parts drop", "; did you mean parts rm?"],
    ["parts mr x", "; did you mean parts rm?"],
    ["user create bob", "; did you mean user add?"],
    ["user del bob", "; did you mean user remove?"],
    ["usr", "; did you mean user?"],
    ["sttaus", "; did you mean status?"],
    ["constructor", ""],
  ];
  for (const [words, said] of cases) {
    assertEquals(commandSuggestion(words.split(" "), names), said, words);
  }
});
