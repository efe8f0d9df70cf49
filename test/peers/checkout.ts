import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { runCommand } from "./run-suite.ts";
import type { Suite } from "./suites.ts";

const INSTALL_SECONDS = 600;

const INSTALL = [
  ...["install", "--ignore-scripts", "--no-package-lock"],
  ...["--no-audit", "--no-fund"],
];

/**
 * The folder of a project with its tests, and with what they need installed in
 * it: from the folder of checkouts, or else from npm.
 *
 * @param peers the folder of checkouts, each by its project's name
 * @returns undefined if neither has the tests
 * @throws Error if something could not be installed
 */
export async function checkoutOf(
  { name, npm }: Suite,
  { peers, scratch }: { peers: string | undefined; scratch: string },
): Promise<string | undefined> {
  const given = peers === undefined ? undefined : path.resolve(peers, name);
  const isGiven = given !== undefined && existsSync(given);
  if (!isGiven && npm === undefined) return undefined;
  const folder = isGiven ? given : path.join(scratch, name);
  if (!isGiven) {
    mkdirSync(folder);
    await run("npm", ["pack", "--silent", `${npm}`], scratch);
    const archive = `${npm?.replace(/^@/, "").replaceAll(/[/@]/g, "-")}.tgz`;
    const to = ["--directory", folder, "--strip-components=1"];
    await run("tar", ["--extract", "--file", archive, ...to], scratch);
  }
  if (!existsSync(path.join(folder, "node_modules"))) {
    await run("npm", INSTALL, folder);
  }
  return folder;
}

async function run(
  command: string,
  args: readonly string[],
  folder: string,
): Promise<void> {
  const seconds = INSTALL_SECONDS;
  const { code, text } = await runCommand(command, args, { folder, seconds });
  if (code !== 0) throw new Error(`${command} ${args[0]} failed: ${text}`);
}
