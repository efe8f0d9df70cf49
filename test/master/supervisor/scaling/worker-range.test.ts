import assert from "node:assert/strict";

import { describe, it } from "node:test";
import {
  availableCpus,
  within,
  workerRange,
} from "../../../../src/master/supervisor/scaling/autoscale.ts";
import { settingsSchema } from "../../../../src/shared/config/settings.ts";
import type { GivenSettings } from "../supervisor-rig.ts";

describe("the number of workers", () => {
  const range = (workers: GivenSettings["workers"]) => {
    return workerRange(settingsSchema.parse({ workers }));
  };
  const cores = availableCpus();

  it("is the one that the settings name", () => {
    assert.deepEqual(range(7), { min: 7, max: 7 });
    assert.deepEqual(range("cores"), { min: cores, max: cores });
  });

  it("is between two bounds where they are given", () => {
    assert.deepEqual(range({ min: 2, max: 8 }), { min: 2, max: 8 });
    assert.deepEqual(range("2-8"), { min: 2, max: 8 });
    assert.deepEqual(range("1-cores"), { min: 1, max: cores });
  });

  it("is the lower bound where there are fewer cores than that", () => {
    const min = cores + 3;
    assert.deepEqual(range({ min, max: "cores" }), { min, max: min });
  });

  it("is the nearest one in the range", () => {
    const bounds = { min: 2, max: 5 };
    assert.deepEqual(
      [1, 2, 4, 5, 9].map((workers) => within(bounds, workers)),
      [2, 2, 4, 5, 5],
    );
  });
});
