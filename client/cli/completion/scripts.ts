/**
 * Scripts that have a shell ask `towpath complete` for candidates: the tables of commands and options
 * are in the program alone.
 */

const BASH = `# bash completion for towpath
_towpath() {
  local line found
  mapfile -t found < <(towpath complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" </dev/null 2>/dev/null)
  COMPREPLY=()
  if [[ \${found[0]} == ":files" ]]; then
    compopt -o default
    return
  fi
  for line in "\${found[@]}"; do
    COMPREPLY+=("$(printf %q "\${line%%$'\\t'*}")")
  done
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace
}
complete -F _towpath towpath
`;

const ZSH = `#compdef towpath
_towpath() {
  local line name
  local -a found names meanings places
  found=("\${(@f)$(towpath complete -- "\${(@)words[2,CURRENT]}" </dev/null 2>/dev/null)}")
  if [[ $found[1] == ":files" ]]; then
    _files
    return
  fi
  for line in $found; do
    name="\${line%%$'\\t'*}"
    if [[ $name == */ ]]; then
      places+=("$name")
      continue
    fi
    names+=("$name")
    meanings+=("\${line/$'\\t'/  -- }")
  done
  compadd -S '' -a places
  compadd -l -d meanings -a names
}
# A file of $fpath is the function's body at its first call, and is evaluated elsewhere.
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _towpath "$@"
else
  compdef _towpath towpath
fi
`;

const FISH = `# fish completion for towpath
function __towpath_complete
    set -l found (towpath complete -- (commandline -opc)[2..-1] (commandline -ct) </dev/null 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $found
    end
end
complete -c towpath -f -a '(__towpath_complete)'
`;

/** The scripts by the name of the shell. */
export const COMPLETION_SCRIPTS: ReadonlyMap<string, string> = new Map([
  ["bash", BASH],
  ["zsh", ZSH],
  ["fish", FISH],
]);
