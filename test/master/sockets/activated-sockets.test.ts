import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ActivatedSocket,
  describeSocket,
  matchSockets,
} from "../../../src/master/sockets/received-sockets.ts";
import type { ListenAddress } from "../../../src/shared/addresses/listen-address.ts";

let nextFd = 3;

const activated = (
  address?: ListenAddress,
  label?: string,
): ActivatedSocket => ({
  fd: nextFd++,
  label,
  address,
});

const listener = (name: string, address: ListenAddress) => ({ name, address });

const at = (host: string, port: number) => ({ host, port });

function isMatch(wanted: ListenAddress, bound: ListenAddress): boolean {
  const { byName } = matchSockets([listener("a", wanted)], [activated(bound)]);
  return byName.has("a");
}

describe("an activated socket", () => {
  it("goes to who listens on its address, in whatever order", () => {
    const sockets = [
      activated({ socketPath: "/run/a.sock" }),
      activated(at("127.0.0.1", 81)),
      activated(at("127.0.0.1", 80)),
    ];
    const { byName, unused } = matchSockets(
      [
        listener("80", at("127.0.0.1", 80)),
        listener("path", { socketPath: "/run/./a.sock", mode: "0660" }),
        listener("other", at("127.0.0.1", 82)),
        listener("81", at("127.0.0.1", 81)),
      ],
      sockets,
    );
    assert.equal(byName.get("path"), sockets[0]);
    assert.equal(byName.get("81"), sockets[1]);
    assert.equal(byName.get("80"), sockets[2]);
    assert.equal(byName.size, 3, "the others open their own");
    assert.deepEqual(unused, []);
  });

  it("is unused where nobody listens on its address", () => {
    const socket = activated(at("0.0.0.0", 80), "web.socket");
    // Not wider open than the settings say.
    const listeners = [listener("a", at("127.0.0.1", 80))];
    const { byName, unused } = matchSockets(listeners, [socket]);
    assert.equal(byName.size, 0);
    assert.deepEqual(unused, [socket]);
    const { fd } = socket;
    const text = `descriptor ${fd} (web.socket) on 0.0.0.0:80`;
    assert.equal(describeSocket(socket), text);
  });

  it("may have its address written in another way", () => {
    assert.ok(isMatch(at("2001:db8::1", 80), at("2001:db8:0:0:0:0:0:1", 80)));
    assert.ok(isMatch(at("::", 80), at("0:0:0:0:0:0:0:0", 80)));
    assert.ok(!isMatch(at("127.0.0.1", 0), at("127.0.0.1", 80)));
    assert.ok(!isMatch({ socketPath: "/a" }, at("127.0.0.1", 80)));
    assert.ok(!isMatch(at("127.0.0.1", 80), { socketPath: "/a" }));
  });

  it("on all addresses is that of IPv4, of IPv6, or of both", () => {
    assert.ok(isMatch(at("0.0.0.0", 80), at("0:0:0:0:0:0:0:0", 80)));
    assert.ok(isMatch(at("::", 80), at("0.0.0.0", 80)));
    const only = { ...at("::", 80), ipv6Only: true };
    assert.ok(!isMatch(only, at("0.0.0.0", 80)));
    assert.ok(isMatch(only, at("::", 80)));
  });

  it("of unknown address goes to the only one without any", () => {
    const unknown = activated();
    const known = activated(at("127.0.0.1", 80));
    const listeners = [
      listener("80", at("127.0.0.1", 80)),
      listener("81", at("127.0.0.1", 81)),
    ];
    const admin = { ...listener("admin", at("::1", 90)), isOptional: true };
    const all = [...listeners, admin];
    const { byName } = matchSockets(all, [unknown, known]);
    assert.equal(byName.get("81"), unknown);
    assert.equal(byName.get("80"), known);
    const alone = matchSockets(listeners, [unknown]);
    assert.deepEqual(alone.unused, [unknown], "it may be of either");
  });
});
