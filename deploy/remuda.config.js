// An instance behind haproxy.cfg or nginx.conf of this folder: what the two
// must agree on. All else is as by default. Put it beside your app.
export default {
  host: "0.0.0.0",
  port: 8080,
  // The balancers, and nobody else, are believed on who the client is.
  trustProxy: ["192.0.2.0/28"],
  // Probed on this port: it says no before anything is closed.
  readinessPath: "/readyz",
  // Neither balancer keeps a connection longer that it does not use. It must be
  // less than keepAliveTimeoutMs, 75 s: the balancer is the one to close, and
  // never sends a request to where nobody is any more. It should be less than
  // drain.deadlineMs, too: a draining worker waits so long for it to close.
  loadBalancerIdleMs: 15_000,
  // HAProxy asks there how much it should send. nginx cannot.
  agentCheck: { host: "0.0.0.0", port: 8081 },
  // Longer than the balancer takes to see that an instance is not ready; in
  // haproxy.cfg that is two checks of a second, and one time-out of a second.
  drain: { preStopDelayMs: 5_000, deadlineMs: 20_000 },
};
