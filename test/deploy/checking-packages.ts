/**
 * What the files of `deploy/` are checked with. It is in a package of its own,
 * test/deploy/package.json, because the schemas of Kubernetes are large; so its
 * types are not there where it is not installed, and are told here.
 */
import { existsSync } from "node:fs";
import path from "node:path";

const isInstalled = ["yaml", "dockerfile-utils"].every((name) => {
  return existsSync(path.join(import.meta.dirname, "node_modules", name));
});

/** For `skip`; in CI it must be there. */
export const packagesSkipReason =
  !isInstalled && process.env.CI !== "true"
    ? "not installed: npm --prefix test/deploy ci"
    : false;

export interface YamlDocument {
  readonly errors: readonly Error[];
  readonly warnings: readonly Error[];
  toJS(): unknown;
}

interface YamlPackage {
  parseAllDocuments(
    text: string,
    options: { strict: true; uniqueKeys: true },
  ): readonly YamlDocument[];
}

export const loadYaml = () => load<YamlPackage>("yaml");

/** What ajv made of a schema. */
export interface SchemaCheck {
  (value: unknown): boolean;
  errors?: readonly { instancePath: string; [more: string]: unknown }[] | null;
}

/** The published schema, by the name that it has in OpenAPI. */
export async function loadSchema(name: string): Promise<SchemaCheck> {
  const owner = name.startsWith("IoK8s")
    ? "kubernetes-models"
    : "@kubernetes-models/prometheus-operator";
  // Not every package exports its schemas.
  const file = `./node_modules/${owner}/_schemas/${name}.js`;
  return (await load<{ validate: SchemaCheck }>(file)).validate;
}

export interface SyntaxNode {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly type: { readonly isError: boolean };
}

interface PromqlPackage {
  readonly parser: {
    parse(query: string): {
      iterate(visitor: { enter(node: SyntaxNode): void }): void;
    };
  };
}

export const loadPromql = () =>
  load<PromqlPackage>("@prometheus-io/lezer-promql");

export interface Instruction {
  /** In upper case. */
  getKeyword(): string;
  getArguments(): readonly { getValue(): string }[];
  /** As it is written, without flags. */
  getArgumentsContent(): string | null;
  /** Of FROM: the name after AS. */
  getBuildStage?(): string | null;
  /** Of COPY: --from. */
  getFromFlag?(): { getValue(): string | null } | null;
}

interface DockerfilePackage {
  readonly DockerfileParser: {
    parse(text: string): { getInstructions(): readonly Instruction[] };
  };
}

/** The instructions of a Dockerfile. */
export async function loadDockerfileParser() {
  const { DockerfileParser } = await load<DockerfilePackage>("dockerfile-ast");
  return (text: string) => DockerfileParser.parse(text).getInstructions();
}

interface LinterPackage {
  validate(text: string): readonly { readonly message: string }[];
}

export const loadDockerfileLinter = () =>
  load<LinterPackage>("dockerfile-utils");

function load<Package>(name: string): Promise<Package> {
  return import(name) as Promise<Package>;
}
