import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { before, describe, it } from "node:test";
import { loadSchema, packagesSkipReason } from "./checking-packages.ts";
import { deployFolder } from "./deploy-file.ts";
import { KubernetesManifests } from "./kubernetes-manifests.ts";
import type { Manifest } from "./manifest-shapes.ts";
import { schemaProblems } from "./schema-problems.ts";

const OPERATOR =
  "ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoringV1";

/** By apiVersion and kind. */
const SCHEMAS: Readonly<Record<string, string>> = {
  "v1 Service": "IoK8sApiCoreV1Service",
  "v1 ConfigMap": "IoK8sApiCoreV1ConfigMap",
  "apps/v1 Deployment": "IoK8sApiAppsV1Deployment",
  "policy/v1 PodDisruptionBudget": "IoK8sApiPolicyV1PodDisruptionBudget",
  "autoscaling/v2 HorizontalPodAutoscaler":
    "IoK8sApiAutoscalingV2HorizontalPodAutoscaler",
  "monitoring.coreos.com/v1 ServiceMonitor": `${OPERATOR}ServiceMonitor`,
};

/** Maps whose names are the user's: whatever is in them is known. */
const FREE_NAMES = new Set(["labels", "matchLabels", "selector", "data"]);
const MISSPELT = "mispelt";

describe("the manifests in deploy/kubernetes", {
  skip: packagesSkipReason,
}, () => {
  let manifests: KubernetesManifests;
  before(async () => {
    manifests = await KubernetesManifests.read();
  });

  it("are what their published schemas demand, and nothing besides", async () => {
    for (const manifest of manifests.all) {
      assert.deepEqual(await problemsOf(manifest), [], manifest.kind);
    }
  });

  it("are all in the kustomization", () => {
    const others = ["kustomization.yaml", "prometheus-adapter.yaml"];
    const files = readdirSync(path.join(deployFolder, "kubernetes"))
      .filter((file) => file.endsWith(".yaml"))
      .filter((file) => !others.includes(file));
    const { resources } = manifests.kustomization;
    assert.deepEqual(files.sort(), [...resources].sort());
  });

  it("would be refused with any of their fields misspelt", async () => {
    for (const manifest of manifests.all) {
      const objects = objectsIn(manifest);
      for (const at of objects.keys()) {
        const wrong = structuredClone(manifest);
        Reflect.set(objectsIn(wrong)[at] ?? wrong, MISSPELT, "true");
        const problems = await problemsOf(wrong);
        const isFound = problems.some((each) => each.includes(MISSPELT));
        assert.ok(isFound, `${manifest.kind}: ${JSON.stringify(objects[at])}`);
      }
    }
  });

  it("would be refused with a value of another type", async () => {
    for (const manifest of manifests.all) {
      const wrong = { ...structuredClone(manifest), metadata: "app" };
      assert.notDeepEqual(await problemsOf(wrong as never), []);
    }
    const deployment = structuredClone(manifests.deployment);
    Object.assign(deployment.spec.template.spec, {
      terminationGracePeriodSeconds: "45s",
    });
    assert.notDeepEqual(await problemsOf(deployment), []);
  });
});

async function problemsOf(manifest: Manifest): Promise<string[]> {
  const kind = `${manifest.apiVersion} ${manifest.kind}`;
  const schema = SCHEMAS[kind];
  assert.ok(schema, `no schema for ${kind}`);
  return schemaProblems(await loadSchema(schema), manifest);
}

/** The value and all objects in it, but those whose names are free. */
function objectsIn(value: unknown, name = ""): object[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, each]) => {
    return objectsIn(each, key);
  });
  if (Array.isArray(value)) return inner;
  const isFree = FREE_NAMES.has(name) && Object.values(value).every(isText);
  // Amounts, by names of which Kubernetes knows some.
  const isAmounts = ["requests", "limits"].includes(name);
  return isFree || isAmounts ? inner : [value, ...inner];
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}
