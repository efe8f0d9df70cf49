import {
  type ChildProcess,
  execFile,
  spawn,
  spawnSync,
} from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { waitUntil } from "./wait-until.ts";

const run = promisify(execFile);

const PROGRAM = "/lib/systemd/systemd";
const CGROUPS = ["systemd", "unified", ""].map((name) => {
  return path.join("/sys/fs/cgroup", name);
});
const COMMAND_TIMEOUT_MS = 30_000;
// systemd starts only if the machine seems to run systemd. As on process 1, the
// umask is 0, so that services of all users can write to its socket.
const SCRIPT = `
  mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd
  mkdir /run/systemd/system
  for folder in $GROUPS; do echo $$ > $folder/cgroup.procs; done
  umask 0
  exec ${PROGRAM} --user --unit=nothing.target --log-target=console
`;

/** Reason why systemd cannot be started here; false if it can. */
export const noSystemdManager: string | false = reason();

function reason(): string | false {
  if (!existsSync(PROGRAM)) return "systemd is not installed";
  if (process.geteuid?.() !== 0) return "only root can have cgroups made";
  const { status } = spawnSync("unshare", ["--mount", "true"]);
  if (status !== 0) return "mounts cannot be made private here";
  return cgroupRoots().length > 0 ? false : "cgroups cannot be made here";
}

/** Folders in which cgroups can be created. */
function cgroupRoots(): string[] {
  const trial = `remuda-trial-${process.pid}`;
  return CGROUPS.filter((folder) => {
    if (!existsSync(path.join(folder, "cgroup.procs"))) return false;
    try {
      mkdirSync(path.join(folder, trial));
      rmdirSync(path.join(folder, trial));
      return true;
    } catch {
      return false;
    }
  });
}

/** A systemd for one test, with its own units and cgroup. */
export class SystemdManager {
  readonly #folder: string;
  readonly #groups: readonly string[];
  readonly #process: ChildProcess;
  #said = "";

  private constructor(folder: string) {
    this.#folder = folder;
    const name = `remuda-${path.basename(folder)}`;
    this.#groups = cgroupRoots().map((root) => path.join(root, name));
    for (const group of this.#groups) mkdirSync(group);
    // Services of other users notify it through a socket in this folder.
    chmodSync(folder, 0o755);
    mkdirSync(path.join(folder, "run"));
    mkdirSync(this.#units);
    this.addUnit("nothing.target", "[Unit]\nDefaultDependencies=no\n");
    const args = ["--mount", "--propagation", "private", "sh", "-ec", SCRIPT];
    this.#process = spawn("unshare", args, {
      env: { ...this.#env, GROUPS: this.#groups.join(" ") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on("data", (text) => {
        this.#said += text;
      });
    }
  }

  /** @param folder empty folder of the test */
  static async start(folder: string): Promise<SystemdManager> {
    const manager = new SystemdManager(folder);
    const socket = path.join(folder, "run/systemd/private");
    try {
      await waitUntil(() => existsSync(socket), {
        what: "systemd to start",
        timeoutMs: 15_000,
      });
    } catch (error) {
      await manager.stop();
      throw new Error(`${error}\n${manager.#said}`);
    }
    return manager;
  }

  /** Output of systemd and its services. */
  get output(): string {
    return this.#said;
  }

  addUnit(name: string, text: string): void {
    writeFileSync(path.join(this.#units, name), text);
  }

  /** Whether a service with that line starts; some machines do not allow it. */
  async canHave(line: string): Promise<boolean> {
    const service = ["Type=oneshot", line, "ExecStart=/bin/true"];
    const text = ["[Unit]", "DefaultDependencies=no", "[Service]", ...service];
    this.addUnit("trial.service", text.join("\n"));
    await this.control("daemon-reload");
    try {
      await this.control("start", "trial");
      return true;
    } catch {
      await this.control("reset-failed");
      return false;
    }
  }

  /** Runs systemctl to its end; returns its output. */
  async control(...args: readonly string[]): Promise<string> {
    const all = ["--user", "--no-pager", ...args];
    const options = { env: this.#env, timeout: COMMAND_TIMEOUT_MS };
    const { stdout } = await run("systemctl", all, options);
    return stdout.trim();
  }

  /** Properties of a unit, by name. */
  async show(unit: string): Promise<Readonly<Record<string, string>>> {
    const lines = (await this.control("show", unit)).split("\n");
    const pairs = lines.map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    });
    return Object.fromEntries(pairs);
  }

  /** Kills all its processes. */
  async stop(): Promise<void> {
    this.#process.kill("SIGKILL");
    const what = "the processes of systemd to leave";
    await waitUntil(() => this.#killLeft() === 0, { what });
    for (const group of this.#groups) removeGroup(group);
  }

  #killLeft(): number {
    const pids = this.#groups.flatMap(pidsIn);
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // The process has exited.
      }
    }
    return pids.length;
  }

  get #units(): string {
    return path.join(this.#folder, "units");
  }

  get #env(): Record<string, string> {
    return {
      PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
      XDG_RUNTIME_DIR: path.join(this.#folder, "run"),
      SYSTEMD_UNIT_PATH: this.#units,
    };
  }
}

function subgroups(group: string): string[] {
  const entries = readdirSync(group, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => path.join(group, name));
}

function pidsIn(group: string): number[] {
  const text = readFileSync(path.join(group, "cgroup.procs"), "utf8");
  const own = text.split("\n").filter(Boolean).map(Number);
  return [...own, ...subgroups(group).flatMap(pidsIn)];
}

function removeGroup(group: string): void {
  for (const each of subgroups(group)) removeGroup(each);
  rmdirSync(group);
}
