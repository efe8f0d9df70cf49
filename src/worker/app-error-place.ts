/** Finds the location of an app's error, to append it to a message. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  isOfModuleParser,
  shownLineIn,
} from "../shared/node-internals/module-syntax-error.ts";
import { ownFile } from "../shared/own-folder.ts";
import { isInstance, stackOf } from "../shared/thrown-value.ts";

const SYNTAX_CHECK = fileURLToPath(ownFile("worker/find-syntax-error"));
const FLAGS = ["--experimental-vm-modules", "--no-warnings"];
const TIMEOUT_MS = 10_000;

const FRAME = /(?<=[\s(](?:file:\/\/)?)\/[^\s()]+:\d+:\d+/;

/** @param path of the app module */
export async function placeOf(error: unknown, path: string): Promise<string> {
  const stack = stackOf(error) ?? "";
  const shown = shownLineOf(stack);
  if (shown) return shown;
  if (isInstance(error, SyntaxError) && isOfModuleParser(stack)) {
    const found = shownLineOf(await parseAgain(path));
    return found ?? " (node --check shows where)";
  }
  const place = FRAME.exec(stack)?.[0];
  return place ? ` (${place})` : "";
}

function shownLineOf(text: string): string | undefined {
  const shown = shownLineIn(text);
  return shown && ` (${shown.place})\n${shown.line}\n${shown.marks}`;
}

/** Returns Node's report on the first module that cannot be parsed. */
function parseAgain(path: string): Promise<string> {
  // The child must not open an inspector or wait for a debugger.
  const flags = process.execArgv.filter((flag) => !flag.includes("inspect"));
  const args = [...flags, ...FLAGS, SYNTAX_CHECK, path];
  return new Promise((resolve) => {
    const options = { timeout: TIMEOUT_MS, killSignal: "SIGKILL" } as const;
    execFile(process.execPath, args, options, (_error, _out, stderr) => {
      resolve(stderr);
    });
  });
}
