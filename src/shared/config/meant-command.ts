import { commandList } from "./command-list.ts";
import { nearestName } from "./nearest-name.ts";

type KnownName = (typeof commandList)[number]["name"] | "help" | "--version";

/** How other daemons and supervisors call what a command does. */
const OTHER_WORDS: readonly (readonly [KnownName, ...string[]])[] = [
  ["start", "run", "serve", "launch", "load", "up"],
  ["check-config", "test", "t", "configtest", "validate", "check", "config"],
  ["status", "list", "ls", "ps", "info", "show", "describe", "state"],
  ["ready", "is-active", "health", "ping"],
  ["top", "monit", "monitor", "dash"],
  ["reload", "restart", "force-reload", "try-restart", "rollout", "hup"],
  ["upgrade", "update"],
  ["stop", "quit", "exit", "kill", "delete", "del", "rm", "unload"],
  ["stop", "shutdown", "terminate", "halt", "down"],
  ["logs reopen", "reopen", "reloadlogs", "flush", "rotate"],
  ["--version", "version"],
];

const meanings = new Map(
  OTHER_WORDS.flatMap(([name, ...words]) => words.map((each) => [each, name])),
);
const names: readonly string[] = [
  ...commandList.map(({ name }) => name),
  "help",
];
/** Shorter beginnings fit by chance. */
const MIN_BEGINNING = 3;

/**
 * The command that somebody who wrote `word` most likely meant: what another
 * program calls so, the one that begins so, or the nearest in letters.
 */
export function meantCommand(word: string): string | undefined {
  const lower = word.toLowerCase();
  return meanings.get(lower) ?? begunBy(lower) ?? nearestByLetters(lower);
}

/** A command that goes by this name elsewhere, or here without dashes. */
export function commandCalled(name: string): string | undefined {
  return names.includes(name) ? name : meanings.get(name);
}

function begunBy(word: string): string | undefined {
  if (word.length < MIN_BEGINNING) return undefined;
  const found = names.filter((name) => name.startsWith(word));
  return found.length === 1 ? found[0] : undefined;
}

/**
 * A slip keeps the first letter, drops it, or swaps it with the second; what
 * begins otherwise is another word ("unload" is not "reload").
 */
function nearestByLetters(word: string): string | undefined {
  const alike = names.filter((name) => {
    return word.startsWith(name.charAt(0)) || word.startsWith(name.charAt(1));
  });
  return nearestName(word, alike);
}
