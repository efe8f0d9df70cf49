import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { TlsOptions } from "../../src/worker/net/tls-handshakes.ts";

const FOLDER = path.resolve(import.meta.dirname, "../fixtures/tls");

/** Path of a file that test/fixtures/tls/make.sh generates. */
export function tlsFixture(name: string): string {
  return path.join(FOLDER, name);
}

export function readTlsFixture(name: string): string {
  return readFileSync(tlsFixture(name), "latin1");
}

/** Options of a client that trusts the server's certificates. */
export const TRUSTING = { ca: readTlsFixture("ca.pem") };

/** TLS options of a listener. */
export function tlsOptions(given: Partial<TlsOptions> = {}): TlsOptions {
  return {
    cert: readTlsFixture("server.pem"),
    key: readTlsFixture("server.key"),
    ca: undefined,
    minVersion: "TLSv1.2",
    handshakeTimeoutMs: 10_000,
    ticketKeys: randomBytes(48),
    onHandshakeFailed: () => {},
    ...given,
  };
}
