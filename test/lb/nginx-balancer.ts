import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { nginxConfig } from "../support/deployed-config.ts";
import type { ForegroundProgram } from "../support/foreground-program.ts";
import { freePort } from "../support/free-port.ts";
import { startNginx } from "../support/nginx.ts";
import type { ServerAddress } from "../support/server-address.ts";
import type { Balancer, FrontOptions } from "./balancer.ts";
import { replaced } from "./replaced.ts";

/**
 * A status with the body size; or a warning about a body buffered in a file.
 */
const ENDED_WELL = /" 2\d\d \d+ "| \[warn\] /;

/** nginx as configured in deploy/, but without retries. */
export class NginxBalancer implements Balancer {
  readonly name = "nginx";
  readonly address: ServerAddress;
  readonly #program: ForegroundProgram;

  static async start(options: FrontOptions): Promise<NginxBalancer> {
    const address = { port: await freePort() };
    const config = configFor(options, address.port);
    const program = await startNginx({ address, config });
    mkdirSync(path.join(program.folder, "out"));
    return new NginxBalancer(program, address);
  }

  private constructor(program: ForegroundProgram, address: ServerAddress) {
    this.#program = program;
    this.address = address;
  }

  /** Needed because nginx does not check the health of servers here. */
  takeOut(number: number): void {
    writeFileSync(this.#fileOf(number), "");
  }

  putBack(number: number): void {
    rmSync(this.#fileOf(number));
  }

  problems(): string[] {
    const lines = this.#program.output.split("\n");
    return lines.filter((line) => line !== "" && !ENDED_WELL.test(line));
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }

  #fileOf(number: number): string {
    return path.join(this.#program.folder, "out", `app${number}`);
  }
}

function configFor({ places, times }: FrontOptions, port: number): string {
  const text = nginxConfig({
    listen: `127.0.0.1:${port}`,
    instances: places,
    hasNoRetries: true,
  });
  if (times === undefined) return text;
  const ofServers = /(?<=\n {8})keepalive_timeout \S+;/g;
  return replaced(text, ofServers, `keepalive_timeout ${times.idleMs}ms;`);
}
