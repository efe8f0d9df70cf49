import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runCommand } from "./run-suite.ts";
import type { Suite } from "./suites.ts";

const INSTALL_SECONDS = 600;

const INSTALL = [
  ...["install", "--ignore-scripts", "--no-package-lock"],
  ...["--no-audit", "--no-fund"],
];

/** Tests that could not be had: no fault of the tests. */
export class InstallError extends Error {}

/**
 * The folder of a project with its tests, and with what they need installed in
 * it: from the folder of checkouts, or else from npm.
 *
 * @param peers the folder of checkouts, each by its project's name
 * @returns undefined if neither has the tests
 * @throws InstallError if something could not be installed
 */
export async function checkoutOf(
  { name, npm, debian }: Suite,
  { peers, scratch }: { peers: string | undefined; scratch: string },
): Promise<string | undefined> {
  const given = peers === undefined ? undefined : path.resolve(peers, name);
  const isGiven = given !== undefined && existsSync(given);
  if (!isGiven && debian !== undefined) return fromDebian(debian, scratch);
  if (!isGiven && npm === undefined) return undefined;
  const folder = isGiven ? given : path.join(scratch, name);
  if (!isGiven) {
    mkdirSync(folder);
    await run("npm", ["pack", "--silent", `${npm}`], scratch);
    const archive = `${npm?.replace(/^@/, "").replaceAll(/[/@]/g, "-")}.tgz`;
    const to = ["--directory", folder, "--strip-components=1"];
    await run("tar", ["--extract", "--file", archive, ...to], scratch);
  }
  const hasPackages = existsSync(path.join(folder, "package.json"));
  if (hasPackages && !existsSync(path.join(folder, "node_modules"))) {
    await run("npm", INSTALL, folder);
  }
  return folder;
}

const DEB_SRC = `Types: deb-src
URIs: http://deb.debian.org/debian
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

/** The tests in a source package, which need nothing installed. */
async function fromDebian(name: string, scratch: string): Promise<string> {
  const sources = path.join(scratch, "debian");
  const folder = path.join(scratch, name);
  for (const each of [sources, folder]) mkdirSync(each);
  writeFileSync(path.join(sources, "debian.sources"), DEB_SRC);
  mkdirSync(path.join(scratch, "lists/partial"), { recursive: true });
  const apart = [
    ...["-o", "Dir::Etc::sourcelist=/dev/null"],
    ...["-o", `Dir::Etc::sourceparts=${sources}`],
    ...["-o", `Dir::State::lists=${path.join(scratch, "lists")}`],
  ];
  await run("apt-get", [...apart, "update"], scratch);
  await run("apt-get", [...apart, "source", "--download-only", name], scratch);
  const archive = readdirSync(scratch).find((file) => {
    return file.startsWith(`${name}_`) && file.endsWith(".orig.tar.xz");
  });
  if (archive === undefined) throw new InstallError(`no source of ${name}`);
  const to = ["--directory", folder, "--strip-components=1", "--wildcards"];
  await run("tar", ["-xf", archive, ...to, "*/test/*"], scratch);
  return folder;
}

async function run(
  command: string,
  args: readonly string[],
  folder: string,
): Promise<void> {
  const seconds = INSTALL_SECONDS;
  const { code, text } = await runCommand(command, args, { folder, seconds });
  if (code === 0) return;
  throw new InstallError(`${command} ${args[0]} failed: ${text}`);
}
