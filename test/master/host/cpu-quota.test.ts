import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cpuQuota } from "../../../src/master/host/cpu-quota.ts";
import { availableCpus } from "../../../src/master/supervisor/scaling/autoscale.ts";

describe("the CPU quota of the control group", () => {
  const quotaIn = (files: Record<string, string>) => {
    return cpuQuota((file) => files[file]);
  };

  it("is that of a container, which sees its own group as the root", () => {
    const files = {
      "/proc/self/cgroup": "0::/\n",
      "/sys/fs/cgroup/cpu.max": "150000 100000\n",
    };
    assert.equal(quotaIn(files), 1.5);
  });

  it("is the least of the group and those above it", () => {
    const files = {
      "/proc/self/cgroup": "0::/system.slice/app.service\n",
      "/sys/fs/cgroup/system.slice/app.service/cpu.max": "400000 100000\n",
      "/sys/fs/cgroup/system.slice/cpu.max": "20000 10000\n",
    };
    assert.equal(quotaIn(files), 2);
  });

  it("is found where the group's path is the host's", () => {
    const files = {
      "/proc/self/cgroup": "0::/docker/4f5e/../4f5e\n",
      "/sys/fs/cgroup/cpu.max": "50000 100000\n",
    };
    assert.equal(quotaIn(files), 0.5);
  });

  it("is found in groups of version 1 as well", () => {
    const files = {
      "/proc/self/cgroup": "9:pids:/app\n4:cpu,cpuacct:/app\n0::/\n",
      "/sys/fs/cgroup/cpu/app/cpu.cfs_quota_us": "300000\n",
      "/sys/fs/cgroup/cpu/app/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    };
    assert.equal(quotaIn(files), 3);
  });

  it("is none where nothing says so", () => {
    const group = { "/proc/self/cgroup": "0::/\n" };
    const file = "/sys/fs/cgroup/cpu.max";
    assert.equal(quotaIn({}), undefined);
    assert.equal(quotaIn(group), undefined);
    for (const text of ["max 100000\n", "", "100000\n", "x y\n", "1 0\n"]) {
      assert.equal(quotaIn({ ...group, [file]: text }), undefined, text);
    }
  });
});

describe("the CPUs that there are for workers", () => {
  it("are those of the machine where there is no quota", () => {
    assert.equal(availableCpus(8, 8), 8);
  });

  it("are what the quota allows, rounded down, but one at least", () => {
    const quotas = [0.25, 1, 1.5, 2, 7.9, 64];
    assert.deepEqual(
      quotas.map((quota) => availableCpus(8, quota)),
      [1, 1, 1, 2, 7, 8],
    );
  });

  it("are one at least here, too", () => {
    assert.ok(availableCpus() >= 1);
  });
});
