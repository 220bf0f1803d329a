/** Files by names that Deno cannot give them, for tests. */

/**
 * Makes a file whose name is not UTF-8.
 *
 * @param name with `\ooo` for each byte that is given in octal
 */
export function writeRaw(directory: string, name: string, content = "raw"): void {
  shell(`cd "$1" && printf %s "$3" > "$(printf "$2")"`, directory, name, content);
}

/** Makes a directory whose name is not UTF-8, with a file in it. */
export function mkdirRaw(directory: string, name: string): void {
  shell(`cd "$1" && mkdir "$(printf "$2")" && echo x > "$(printf "$2")/inside"`, directory, name);
}

/** Makes a named pipe. */
export function mkfifo(place: string): void {
  shell(`mkfifo "$1"`, place);
}

function shell(script: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command("sh", { args: ["-c", script, "sh", ...args] })
    .outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
