import { readFileSync } from "node:fs";
import path from "node:path";
import { loadYaml } from "./checking-packages.ts";

export const deployFolder = path.resolve(import.meta.dirname, "../../deploy");

export function readDeployFile(file: string): string {
  return readFileSync(path.join(deployFolder, file), "utf8");
}

/** All documents of a file; throws where YAML is not wholly well formed. */
export async function readYaml<Shape>(file: string): Promise<Shape[]> {
  const { parseAllDocuments } = await loadYaml();
  const options = { strict: true, uniqueKeys: true } as const;
  return parseAllDocuments(readDeployFile(file), options).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw new Error(`${file}: ${problem.message}`);
    return document.toJS() as Shape;
  });
}
