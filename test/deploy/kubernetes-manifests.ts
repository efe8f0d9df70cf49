import assert from "node:assert/strict";
import { loadSettings } from "../../src/shared/config/load-settings.ts";
import type { Settings } from "../../src/shared/config/settings.ts";
import { readDeployFile, readYaml } from "./deploy-file.ts";
import type {
  Container,
  Deployment,
  Kustomization,
  Manifest,
} from "./manifest-shapes.ts";

/** What `kubectl apply -k deploy/kubernetes` makes, and what pods make of it. */
export class KubernetesManifests {
  readonly kustomization: Kustomization;
  readonly all: readonly Manifest[];
  /** All variables of the container. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of the server in the container. */
  readonly settings: Settings;

  static async read(): Promise<KubernetesManifests> {
    const [kustomization] = await readYaml<Kustomization>(
      "kubernetes/kustomization.yaml",
    );
    assert.ok(kustomization);
    const documents = await Promise.all(
      kustomization.resources.map((file) =>
        readYaml<Manifest>(`kubernetes/${file}`),
      ),
    );
    const maps = kustomization.configMapGenerator.map(({ name, envs }) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name },
      data: Object.assign({}, ...envs.map(variablesIn)),
    }));
    const all = [...documents.flat(), ...maps];
    const environment = environmentOf(all);
    // In a folder without a config file.
    const cwd = import.meta.dirname;
    const { settings } = await loadSettings({ cwd, env: environment });
    return new KubernetesManifests({
      kustomization,
      all,
      environment,
      settings,
    });
  }

  private constructor(
    parts: Pick<
      KubernetesManifests,
      "kustomization" | "all" | "environment" | "settings"
    >,
  ) {
    this.kustomization = parts.kustomization;
    this.all = parts.all;
    this.environment = parts.environment;
    this.settings = parts.settings;
  }

  find<Shape extends Manifest>(kind: string, name = "app"): Shape {
    return find<Shape>(this.all, kind, name);
  }

  get deployment(): Deployment {
    return this.find("Deployment");
  }

  get pod() {
    return this.deployment.spec.template;
  }

  get container(): Container {
    return containerIn(this.all);
  }
}

function find<Shape extends Manifest>(
  manifests: readonly Manifest[],
  kind: string,
  name: string,
): Shape {
  const found = manifests.find((each) => {
    return each.kind === kind && each.metadata.name === name;
  });
  assert.ok(found, `no ${kind} called ${name}`);
  return found as Shape;
}

function containerIn(manifests: readonly Manifest[]): Container {
  const { template } = find<Deployment>(manifests, "Deployment", "app").spec;
  const [only, ...others] = template.spec.containers;
  assert.ok(only && others.length === 0);
  return only;
}

function environmentOf(manifests: readonly Manifest[]) {
  const { env, envFrom, resources } = containerIn(manifests);
  const maps = envFrom.map(({ configMapRef: { name } }) => {
    return find<Manifest & { data: object }>(manifests, "ConfigMap", name).data;
  });
  const fromFields = env.map(({ name, valueFrom }) => {
    const { resource, divisor } = valueFrom.resourceFieldRef;
    assert.equal(resource, "requests.cpu");
    const cpus = Number(resources.requests.cpu) / Number(divisor);
    return [name, String(Math.ceil(cpus))];
  });
  return Object.assign({}, ...maps, Object.fromEntries(fromFields));
}

/** Settings that are given as examples, and are not in force. */
export function exampleVariables(): Record<string, string> {
  const text = readDeployFile("kubernetes/settings.env");
  return variablesOf(text.match(/(?<=^#)REMUDA_.*$/gm) ?? []);
}

/** A file as kustomize's `envs` and docker's `--env-file` read it. */
function variablesIn(file: string): Record<string, string> {
  const lines = readDeployFile(`kubernetes/${file}`).split("\n");
  return variablesOf(lines.filter((line) => !/^(?:#|$)/.test(line)));
}

function variablesOf(variables: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    variables.map((line) => {
      const [, name = "", value = ""] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      assert.ok(name, line);
      return [name, value];
    }),
  );
}
