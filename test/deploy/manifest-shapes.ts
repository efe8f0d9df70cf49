/** What the tests look at in the manifests; the schemas check the rest. */

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Labels };
}

type Labels = Readonly<Record<string, string>>;

export interface Selector {
  readonly matchLabels: Labels;
}

export interface Deployment extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: Selector;
    readonly strategy: { readonly rollingUpdate: unknown };
    readonly template: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: PodSpec;
    };
  };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: {
    readonly runAsNonRoot: boolean;
    readonly runAsUser: number;
    readonly runAsGroup: number;
  };
  readonly topologySpreadConstraints: readonly {
    readonly labelSelector: Selector;
  }[];
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string }[];
}

export interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { name: string; containerPort: number }[];
  readonly envFrom: readonly { configMapRef: { name: string } }[];
  readonly env: readonly {
    readonly name: string;
    readonly valueFrom: {
      resourceFieldRef: { resource: string; divisor: string };
    };
  }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly resources: {
    readonly requests: { readonly cpu: string; readonly memory: string };
    readonly limits: { readonly memory: string };
  };
  readonly securityContext: {
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly capabilities: { readonly drop: readonly string[] };
  };
  readonly volumeMounts: readonly { name: string; mountPath: string }[];
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface Service extends Manifest {
  readonly spec: {
    readonly selector: Labels;
    readonly ports: readonly { name: string; targetPort: string }[];
  };
}

export interface Budget extends Manifest {
  readonly spec: { readonly selector: Selector };
}

export interface Autoscaler extends Manifest {
  readonly spec: {
    readonly scaleTargetRef: object;
    readonly minReplicas: number;
    readonly maxReplicas: number;
    readonly metrics: readonly {
      readonly pods: { readonly metric: { readonly name: string } };
    }[];
  };
}

export interface ServiceMonitor extends Manifest {
  readonly spec: {
    readonly jobLabel: string;
    readonly selector: Selector;
    readonly endpoints: readonly { port: string; path: string }[];
  };
}

export interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly {
    readonly name: string;
    readonly envs: readonly string[];
  }[];
  readonly images: readonly { readonly name: string }[];
}

/** Values for the chart of prometheus-adapter. */
export interface AdapterValues {
  readonly rules: {
    readonly custom: readonly {
      readonly seriesQuery: string;
      readonly name: { readonly matches: string; readonly as: string };
      readonly metricsQuery: string;
    }[];
  };
}
