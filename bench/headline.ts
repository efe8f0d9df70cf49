const OTHERS: Readonly<Record<string, string>> = {
  pipelined: "requestsPerSecond",
  connect: "requestsPerSecond",
  download: "bytesPerSecond",
  "download-stream": "bytesPerSecond",
  upload: "bytesPerSecond",
  idle: "bytesPerConnection",
  rolls: "p99Ms",
  workers: "requestsPerSecond2",
  "cold-start": "startMs",
  instances: "requestsPerSecond",
  "instances-work": "requestsPerSecond",
  "instances-hello": "requestsPerSecond",
  balancer: "balancerMicrosPerOperation",
  footprint: "seriesPerInstance",
};

/** The metric that a scenario is about: most are about CPU per request. */
export function headlineOf(scenario: string): string {
  return OTHERS[scenario] ?? "cpuMicrosPerRequest";
}
