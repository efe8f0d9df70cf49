import {
  ForegroundServer,
  missingProgram,
  type Place,
} from "./foreground-server.ts";

/** A Redis that keeps nothing on disk. */
export class RedisProcess extends ForegroundServer {
  static missing(): string | undefined {
    const packageName = "redis-server";
    const names = { name: "Redis", packageName };
    return missingProgram([packageName, "--version"], names);
  }

  /** @throws Error where it does not listen in time */
  static async start(
    children: Place["children"],
    core: Place["core"],
  ): Promise<RedisProcess> {
    const command = (port: number, folder: string) => [
      ...["redis-server", "--port", String(port), "--bind", "127.0.0.1"],
      ...["--dir", folder, "--save", "", "--appendonly", "no"],
    ];
    const program = { name: "Redis", command };
    return new RedisProcess(
      await ForegroundServer.launch(program, { children, core }),
    );
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }
}
