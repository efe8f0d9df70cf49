import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ASSUMPTIONS } from "../../../bench/scaling/assumptions.ts";
import type { Costs } from "../../../bench/scaling/costs.ts";
import { fleetPlan } from "../../../bench/scaling/fleet-plan.ts";

const COSTS: Costs = {
  requestMicros: 0,
  balancerRequestMicros: 10,
  balancerConnectionMicros: 20,
  balancerHandshakeMicros: 310,
  balancerResumptionMicros: 110,
  balancerCheckMicros: 40,
  instanceConnectionMicros: 100,
  balancerIdleBytes: 1024,
  instanceIdleBytes: 2048,
  countMicros: 20,
  redisBatchedMicros: 5,
  redisAloneMicros: 30,
  seriesPerInstance: 100,
  seriesPerWorker: 10,
  seriesPerRoute: 20,
  bytesPerLogLine: 250,
  rollMsPerWorker: 250,
  startMs: 1_000,
};

/** 1,000 requests a second on each machine. */
const ASSUMED = {
  ...ASSUMPTIONS,
  coresPerMachine: 2,
  utilization: 0.5,
  workMicros: 1_000,
  latencyMs: 50,
};

describe("the plan of a fleet", () => {
  const plan = fleetPlan(100, COSTS, ASSUMED);

  it("shares a handshake among the requests of its connection", () => {
    assert.equal(plan.requestsPerSecond, 100_000);
    // 10 µs a request, and a tenth of the 300 µs that a connection has more.
    assert.equal(plan.balancer.cores, 4);
    // 8 cores that are half busy carry it, and one more may fail.
    assert.equal(plan.balancer.count, 2);
    assert.equal(plan.balancer.newConnectionsPerSecond, 10_000);
  });

  it("never has less than two balancers", () => {
    assert.equal(fleetPlan(1, COSTS, ASSUMED).balancer.count, 2);
  });

  it("counts connections by what is in flight in a peak", () => {
    const { connections } = plan;
    // 50 in flight at each machine, 25 from each balancer.
    assert.equal(connections.perPair, 25 + 3 * 5);
    assert.equal(connections.perMachine, 80);
    assert.equal(connections.serversPerBalancer, 4_000);
    // A half in flight for each pair: three of them in a peak.
    assert.equal(connections.perMachineInMesh, 300);
    // 100 new ones a second, each kept for a minute.
    assert.equal(connections.perMachineByProxyProtocol, 6_000);
    assert.equal(connections.clientsPerBalancer, 300_000);
  });

  it("counts health checks on both sides", () => {
    const { checks } = plan;
    // Two balancers, each twice a second.
    assert.equal(checks.perMachinePerSecond, 4);
    assert.equal(checks.machineCores, 4e-4);
    assert.equal(checks.balancerCores, 0.008);
    assert.equal(checks.machineCoresInMesh, 0.02);
  });

  it("counts what is kept of all of them", () => {
    assert.equal(plan.metrics.series, 100 * (100 + 30 + 20 * 300));
    assert.equal(plan.metrics.servers, 1);
    assert.equal(plan.logGigabytesPerDay, 2_160);
    assert.equal(plan.redisCores.batched, 1);
    assert.equal(plan.redisCores.alone, 6);
  });

  it("adds up what an upgrade waits for", () => {
    // 5 s before the stop, 16 s of drain, 1 s of start, 12 s to be in full use.
    const { upgrade } = plan;
    assert.equal(upgrade.oneByOneMinutes, (100 * 34) / 60);
    assert.equal(upgrade.inBatchesMinutes, (10 * 34) / 60);
    assert.equal(upgrade.byRollsMinutes, (10 * 17) / 60);
    // A tenth of three is none: then they go one by one.
    assert.equal(fleetPlan(3, COSTS, ASSUMED).upgrade.inBatchesMinutes, 1.7);
  });
});
