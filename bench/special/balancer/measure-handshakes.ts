import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pinned } from "../../pinning.ts";
import { ScratchFolder } from "../../scratch-folder.ts";
import type { SpecialFigures } from "../special-scenario.ts";
import type { BalancerContext } from "./balancer.ts";
import { withHaproxy } from "./with-haproxy.ts";

/** Why there can be none; undefined where there can. */
export function missingOpenssl(): string | undefined {
  return spawnSync("openssl", ["version"]).status === 0
    ? undefined
    : 'openssl is not installed ("apt-get install openssl" brings it)';
}

/** Asking one after the other, each of them. */
const CLIENTS = 4;

/** Whether each handshake is a full one, or a session goes on. */
export type HandshakeKind = "full" | "resumed";

/** Its tool can resume sessions of TLS 1.2 only. */
const FLAGS: Readonly<Record<HandshakeKind, readonly string[]>> = {
  full: ["-new"],
  resumed: ["-reuse", "-tls1_2"],
};

/** A connection with a handshake for each request. */
export async function measureHandshakes(
  kind: HandshakeKind,
  context: BalancerContext,
): Promise<SpecialFigures> {
  const { children, pinning, effort } = context;
  const folder = new ScratchFolder();
  try {
    const certificate = makeCertificate(folder.path);
    return await withHaproxy(context, { certificate }, async ({ haproxy }) => {
      const command = [
        ...["openssl", "s_time", ...FLAGS[kind], "-www", "/"],
        ...["-connect", `127.0.0.1:${haproxy.port}`],
        ...["-time", String(effort.seconds)],
      ];
      const before = haproxy.cpuMicros();
      const counts = await Promise.all(
        Array.from({ length: CLIENTS }, async () => {
          const child = children.spawn(pinned(command, pinning.loadCore), {
            stdio: ["ignore", "pipe", "ignore"],
          });
          return connectionsIn(await text(child.stdout as Readable));
        }),
      );
      const micros = haproxy.cpuMicros() - before;
      const connections = counts.reduce((sum, count) => sum + count, 0);
      return {
        operationsPerSecond: connections / effort.seconds,
        balancerMicrosPerOperation: micros / connections,
        balancerCoresBusy: micros / 1e6 / effort.seconds,
      };
    });
  } finally {
    folder.remove();
  }
}

function connectionsIn(said: string): number {
  const [, count = 0] = /^(\d+) connections in \d+ real/m.exec(said) ?? [];
  if (Number(count) > 0) return Number(count);
  throw new Error(`no handshake was done:\n${said}`);
}

/** Self-signed, with a key on P-256, in one file as HAProxy wants it. */
function makeCertificate(folder: string): string {
  const file = path.join(folder, "certificate.pem");
  const { status, stderr } = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-nodes", "-days", "1"],
    ...["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=localhost"],
    ...["-keyout", file, "-out", path.join(folder, "own.pem")],
  ]);
  if (status !== 0) throw new Error(`openssl makes no key: ${stderr}`);
  appendFileSync(file, readFileSync(path.join(folder, "own.pem")));
  return file;
}
