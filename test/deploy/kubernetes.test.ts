import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { listenersOf } from "../../src/shared/config/listeners-of.ts";
import { startDaemon, stopAllDaemons } from "../support/daemon.ts";
import { projectFolder } from "../support/project-folder.ts";
import { runCli } from "../support/run-cli.ts";
import { packagesSkipReason } from "./checking-packages.ts";
import { readDeployFile, readYaml } from "./deploy-file.ts";
import {
  exampleVariables,
  KubernetesManifests,
} from "./kubernetes-manifests.ts";
import type {
  AdapterValues,
  Autoscaler,
  Budget,
  Service,
  ServiceMonitor,
} from "./manifest-shapes.ts";

/** A master without much to do. */
const MASTER_BYTES = 128 * 1024 * 1024;
/** After the deadline the master waits for so long, then it kills. */
const KILL_AFTER_MS = 2_000;

const LOOPBACK = ["--host", "127.0.0.1", "--admin-host", "127.0.0.1"];

after(stopAllDaemons);

describe("deploy/kubernetes", { skip: packagesSkipReason }, () => {
  let manifests: KubernetesManifests;
  before(async () => {
    manifests = await KubernetesManifests.read();
  });
  const services = () => [manifests.find<Service>("Service"), adminService()];
  const adminService = () => manifests.find<Service>("Service", "app-admin");
  const portNamed = (wanted: string) => {
    const { ports } = manifests.container;
    return ports.find(({ name }) => name === wanted)?.containerPort;
  };
  const probes = () => {
    const { startupProbe, livenessProbe, readinessProbe } = manifests.container;
    return [startupProbe, livenessProbe, readinessProbe];
  };

  it("selects the pods of the Deployment, wherever pods are selected", () => {
    const { pod, deployment } = manifests;
    const budget = manifests.find<Budget>("PodDisruptionBudget");
    const selectors = [
      deployment.spec.selector,
      budget.spec.selector,
      ...pod.spec.topologySpreadConstraints.map((each) => each.labelSelector),
      ...services().map(({ spec }) => ({ matchLabels: spec.selector })),
    ];
    const { labels } = pod.metadata;
    for (const { matchLabels } of selectors) {
      assert.ok(Object.keys(matchLabels).length > 0);
      assert.deepEqual({ ...labels, ...matchLabels }, labels);
    }
  });

  it("has Prometheus ask one Service, by the port that this one has", () => {
    const monitor = manifests.find<ServiceMonitor>("ServiceMonitor").spec;
    const wanted = Object.entries(monitor.selector.matchLabels);
    const selected = manifests.all.filter(({ kind, metadata }) => {
      const has = ([name, value]: [string, string]) =>
        metadata.labels?.[name] === value;
      return kind === "Service" && wanted.every(has);
    });
    assert.deepEqual(selected, [adminService()]);
    assert.ok(adminService().metadata.labels?.[monitor.jobLabel]);
    const ports = adminService().spec.ports.map(({ name }) => name);
    for (const { port } of monitor.endpoints) assert.ok(ports.includes(port));
  });

  it("scales the Deployment, which has no number of its own", () => {
    const { spec } = manifests.find<Autoscaler>("HorizontalPodAutoscaler");
    const { apiVersion, kind, metadata } = manifests.deployment;
    const { name } = metadata;
    assert.deepEqual(spec.scaleTargetRef, { apiVersion, kind, name });
    assert.equal(manifests.deployment.spec.replicas, undefined);
    // The disruption of one among one would be an outage.
    assert.ok(spec.minReplicas >= 2);
    assert.ok(spec.maxReplicas > spec.minReplicas);
  });

  it("scales by metrics that prometheus-adapter makes", async () => {
    const { spec } = manifests.find<Autoscaler>("HorizontalPodAutoscaler");
    const [values] = await readYaml<AdapterValues>(
      "kubernetes/prometheus-adapter.yaml",
    );
    const rules = values?.rules.custom ?? [];
    assert.deepEqual(
      spec.metrics.map(({ pods }) => pods.metric.name),
      rules.map(({ name }) => name.as),
    );
    for (const { name, seriesQuery } of rules) {
      const [series = ""] = seriesQuery.split("{");
      assert.match(series, new RegExp(name.matches));
    }
  });

  it("has the ports on which the server listens, for all to reach", () => {
    const { settings } = manifests;
    const addresses = listenersOf(settings).map(({ address }) => address);
    const host = "0.0.0.0";
    assert.deepEqual(addresses, [{ host, port: portNamed("http") }]);
    const { admin } = settings;
    assert.equal(admin.host, host);
    assert.equal(admin.port, portNamed("admin"));
    const used = [
      ...probes().map(({ httpGet }) => httpGet.port),
      ...services().flatMap(({ spec }) =>
        spec.ports.map(({ targetPort }) => targetPort),
      ),
    ];
    for (const port of used) assert.ok(portNamed(port), port);
  });

  it("lets a pod drain before it is killed", () => {
    const { settings, pod } = manifests;
    const { preStopDelayMs, deadlineMs } = settings.drain;
    const graceMs = pod.spec.terminationGracePeriodSeconds * 1000;
    assert.ok(graceMs > preStopDelayMs + deadlineMs + KILL_AFTER_MS);
    assert.ok(settings.handlerTimeoutMs < deadlineMs);
  });

  it("lets the server give a start up by itself, and say why", () => {
    const { periodSeconds, failureThreshold } =
      manifests.container.startupProbe;
    const allowedMs = periodSeconds * failureThreshold * 1000;
    assert.ok(allowedMs > manifests.settings.startTimeoutMs);
  });

  it("notices within the pre-stop delay that a pod is not ready", () => {
    const probe = manifests.container.readinessProbe;
    const failing = probe.periodSeconds * probe.failureThreshold;
    const noticedMs = (failing + probe.timeoutSeconds) * 1000;
    assert.ok(noticedMs < manifests.settings.drain.preStopDelayMs);
  });

  it("stops an old pod when a new one is ready, one at a time", () => {
    const { rollingUpdate } = manifests.deployment.spec.strategy;
    assert.deepEqual(rollingUpdate, { maxUnavailable: 0, maxSurge: 1 });
  });

  it("has memory for all workers at twice their limit", () => {
    const { maxWorkerMemoryBytes, workers } = manifests.settings;
    assert.ok(maxWorkerMemoryBytes > 0 && typeof workers === "number");
    const needed = workers * 2 * maxWorkerMemoryBytes + MASTER_BYTES;
    const { limits, requests } = manifests.container.resources;
    assert.ok(bytesOf(limits.memory) >= needed, String(needed));
    assert.equal(limits.memory, requests.memory);
  });

  it("has a whole CPU for each worker", () => {
    const { container, settings } = manifests;
    assert.equal(String(settings.workers), container.resources.requests.cpu);
  });

  it("runs as another user than root, and writes nowhere but in /tmp", () => {
    const { pod, container } = manifests;
    const { runAsNonRoot, runAsUser } = pod.spec.securityContext;
    assert.ok(runAsNonRoot && runAsUser > 0);
    const own = container.securityContext;
    assert.ok(own.readOnlyRootFilesystem && !own.allowPrivilegeEscalation);
    assert.deepEqual(own.capabilities.drop, ["ALL"]);
    const volumes = pod.spec.volumes.map(({ name }) => name);
    const { volumeMounts } = container;
    assert.deepEqual(
      volumeMounts.map(({ name, mountPath }) => [name, mountPath]),
      volumes.map((name) => [name, "/tmp"]),
    );
  });

  it("starts what the image would start, as its user", () => {
    const dockerfile = readDeployFile("Dockerfile");
    const [, command = ""] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    assert.deepEqual(JSON.parse(command), manifests.container.args);
    const { runAsUser, runAsGroup } = manifests.pod.spec.securityContext;
    assert.ok(dockerfile.includes(`\nUSER ${runAsUser}:${runAsGroup}\n`));
  });

  it("has settings and arguments that check-config accepts", async (test) => {
    const [node, script, start, app = "", ...args] = manifests.container.args;
    assert.deepEqual(
      [node, script, start],
      ["node", "node_modules/remuda/dist/cli.js", "start"],
    );
    const cwd = folderWith(app, test);
    const { code, stderr } = await runCli(["check-config", app, ...args], {
      cwd,
      env: { ...manifests.environment, ...exampleVariables() },
    });
    assert.equal(code, 0, stderr);
    // It warns there of what will do harm some day.
    assert.equal(stderr, "");
  });

  it("probes and scrapes paths that a daemon with its settings has", async (test) => {
    const [, , , app = "", ...args] = manifests.container.args;
    const daemon = await startDaemon({
      app,
      cwd: folderWith(app, test),
      env: manifests.environment,
      args: [...args, ...LOOPBACK, "--port", "0"],
    });
    const monitor = manifests.find<ServiceMonitor>("ServiceMonitor").spec;
    const paths = [
      ...probes().map(({ httpGet }) => httpGet.path),
      ...monitor.endpoints.map((endpoint) => endpoint.path),
    ];
    for (const each of paths) {
      assert.equal((await daemon.get(each)).status, 200, each);
    }
    await daemon.stop();
  });
});

function folderWith(app: string, test: Parameters<typeof projectFolder>[0]) {
  const folder = projectFolder(test);
  const source =
    'import { createApp } from "remuda";\nexport default createApp();';
  writeFileSync(path.join(folder, app), source);
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  return folder;
}

/** "512Mi", "1Gi". */
function bytesOf(quantity: string): number {
  const [, amount, unit] = /^(\d+)(Mi|Gi)$/.exec(quantity) ?? [];
  assert.ok(amount && unit, quantity);
  return Number(amount) * 1024 ** (unit === "Gi" ? 3 : 2);
}
