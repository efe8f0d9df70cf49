import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const PACKAGE = /^node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/;

/**
 * The licences of the packages that these files are from, as one text.
 *
 * @param {string} root
 * @param {readonly string[]} files relative to it
 */
export function licensesOf(root, files) {
  const folders = files.map((file) => PACKAGE.exec(file)?.[0]);
  const packages = [...new Set(folders)].filter(Boolean).sort();
  const texts = packages.map((folder) => licenseOf(path.join(root, folder)));
  return `Parts of these packages are in the files of this folder.\n\n${texts.join("\n\n")}\n`;
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(folder, "package.json"), "utf8"),
  );
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (!file) throw new Error(`${name} has no file with its licence`);
  const text = readFileSync(path.join(folder, file), "utf8").trim();
  return `--- ${name} ${version} (${license})\n\n${text}`;
}
