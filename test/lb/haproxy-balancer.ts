import { haproxyConfig } from "../support/deployed-config.ts";
import type { ForegroundProgram } from "../support/foreground-program.ts";
import { freePort } from "../support/free-port.ts";
import { startHaproxy } from "../support/haproxy.ts";
import type { ServerAddress } from "../support/server-address.ts";
import type { Balancer, BalancerTimes, FrontOptions } from "./balancer.ts";
import { replaced } from "./replaced.ts";

/** Termination state in the log when both sides completed normally. */
const ENDED_WELL = / ---- /;

/** HAProxy as configured in deploy/, but without retries. */
export class HaproxyBalancer implements Balancer {
  readonly name = "HAProxy";
  readonly address: ServerAddress;
  readonly #program: ForegroundProgram;

  static async start(options: FrontOptions): Promise<HaproxyBalancer> {
    const address = { port: await freePort() };
    const config = configFor(options, address.port);
    const program = await startHaproxy({ address, config });
    return new HaproxyBalancer(program, address);
  }

  private constructor(program: ForegroundProgram, address: ServerAddress) {
    this.#program = program;
    this.address = address;
  }

  /** Does nothing: health checks detect it. */
  takeOut(): void {}

  putBack(): void {}

  problems(): string[] {
    const lines = this.#program.output.split("\n");
    return lines.filter((line) => line !== "" && !ENDED_WELL.test(line));
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }
}

function configFor({ places, times }: FrontOptions, port: number): string {
  const text = haproxyConfig({
    listen: `127.0.0.1:${port}`,
    instances: places,
    hasNoRetries: true,
  });
  // A process that changes its user loses its parent-death signal.
  const ours = text.replace(/^ +(user|group) haproxy\n/gm, "");
  return times === undefined ? ours : withTimes(ours, times);
}

function withTimes(given: string, times: BalancerTimes): string {
  const { checkIntervalMs, idleMs } = times;
  const checks = /check inter \S+ fastinter \S+ downinter \S+/;
  const inter = `inter ${checkIntervalMs}ms`;
  let text = replaced(given, checks, `check ${inter}`);
  text = replaced(text, /agent-inter \S+/, `agent-${inter}`);
  // HAProxy halves the number of unused connections at this interval.
  const purge = `pool-purge-delay ${Math.round(idleMs / 10)}ms `;
  return replaced(text, /pool-purge-delay \d+s /, purge);
}
