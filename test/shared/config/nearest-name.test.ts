import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nearestName } from "../../../src/shared/config/nearest-name.ts";

const known = ["port", "host", "workers", "drain.lingerMs"];

describe("the nearest name", () => {
  it("forgives a swap, a letter too few or too many, and case", () => {
    assert.equal(nearestName("prot", known), "port");
    assert.equal(nearestName("worker", known), "workers");
    assert.equal(nearestName("ports", known), "port");
    assert.equal(nearestName("Workers", known), "workers");
    assert.equal(nearestName("drain.lingerMS", known), "drain.lingerMs");
  });

  it("is none when nothing is near", () => {
    assert.equal(nearestName("colour", known), undefined);
    assert.equal(nearestName("", known), undefined);
    assert.equal(nearestName("p", known), undefined);
  });
});
