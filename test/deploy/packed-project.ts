/**
 * A project as users have it, whose lock file names this package as npm would
 * have it: packed, and served by a registry.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = path.resolve(fileURLToPath(import.meta.url), "../../..");

interface LockEntry {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

function read(name: string) {
  return JSON.parse(readFileSync(path.join(root, name), "utf8"));
}

/**
 * Writes `package.json` and its lock file, with the scripts that are given. It
 * has the same package as `build-tool` too, which only the build needs.
 */
export async function packedProject(
  test: TestContext,
  folder: string,
  scripts: Readonly<Record<string, string>>,
): Promise<void> {
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination"];
  const { stdout } = await run("npm", [...pack, folder], { cwd: root });
  const [{ filename }] = JSON.parse(stdout);
  const packed = path.join(folder, filename);
  const tarball = readFileSync(packed);
  rmSync(packed);
  const registry = http.createServer((_, response) => response.end(tarball));
  registry.listen(0, "127.0.0.1");
  test.after(() => registry.close());
  await once(registry, "listening");
  const { port } = registry.address() as AddressInfo;
  const { name, version, dependencies, bin } = read("package.json");
  const project = {
    ...{ name: "app", version: "1.0.0", private: true, type: "module" },
    scripts,
    dependencies: { [name]: version },
    devDependencies: { "build-tool": `npm:${name}@${version}` },
  };
  const locked = read("package-lock.json").packages as Record<
    string,
    LockEntry
  >;
  const others = Object.entries(locked).filter(([at, { dev, devOptional }]) => {
    return at !== "" && !dev && !devOptional;
  });
  const integrity = createHash("sha512").update(tarball).digest("base64");
  const entry = {
    version,
    resolved: `http://127.0.0.1:${port}/${filename}`,
    integrity: `sha512-${integrity}`,
    dependencies,
  };
  const lock = {
    ...{ name: "app", version: "1.0.0", lockfileVersion: 3, requires: true },
    packages: {
      "": project,
      [`node_modules/${name}`]: { ...entry, bin },
      "node_modules/build-tool": { ...entry, name, dev: true },
      ...Object.fromEntries(others),
    },
  };
  const write = (file: string, content: object) => {
    writeFileSync(path.join(folder, file), JSON.stringify(content, null, 2));
  };
  write("package.json", project);
  write("package-lock.json", lock);
}
