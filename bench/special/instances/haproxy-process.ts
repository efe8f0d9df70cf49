import { writeFileSync } from "node:fs";
import path from "node:path";
import {
  ForegroundServer,
  missingProgram,
  type Place,
} from "../foreground-server.ts";
import { type HaproxyWish, haproxyConfig } from "./haproxy-config.ts";

export interface HaproxyOptions extends Omit<HaproxyWish, "port">, Place {}

/** A HAProxy that listens. */
export class HaproxyProcess extends ForegroundServer {
  static missing(): string | undefined {
    const names = { name: "HAProxy", packageName: "haproxy" };
    return missingProgram(["haproxy", "-v"], names);
  }

  /** @throws Error where it does not listen in time */
  static async start(options: HaproxyOptions): Promise<HaproxyProcess> {
    const { children, core, ...wish } = options;
    const command = (port: number, folder: string) => {
      const file = path.join(folder, "haproxy.cfg");
      writeFileSync(file, haproxyConfig({ ...wish, port }));
      return ["haproxy", "-db", "-f", file];
    };
    const program = { name: "HAProxy", command };
    return new HaproxyProcess(
      await ForegroundServer.launch(program, { children, core }),
    );
  }
}
