/**
 * Plays a Dockerfile where no Docker runs: each stage is a folder, and what it
 * runs is run for real, with the Node.js of this machine in place of the base
 * image. As root it sees the folder's /srv as /srv, in a mount namespace.
 */
import { execFile, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { type Instruction, loadDockerfileParser } from "./checking-packages.ts";

const RUN_TIMEOUT_MS = 120_000;
const exec = promisify(execFile);

type Variables = Readonly<Record<string, string>>;

export interface ImageSource {
  readonly dockerfile: string;
  /** The folder that is sent to the builder, less what is ignored. */
  readonly context: string;
  /** An empty folder for the stages. */
  readonly stages: string;
  /** Of what RUN runs, as `--build-arg`. */
  readonly env: Variables;
}

/** A stage, and in the end the image. */
export interface Image {
  /** The folder that is its root. */
  readonly root: string;
  workdir: string;
  env: Variables;
  user: string;
  entrypoint: readonly string[];
  cmd: readonly string[];
  healthcheck: readonly string[];
  stopSignal: string;
}

/** Whether a command can be made to see the files of an image as its own. */
export const hasOwnFiles =
  process.geteuid?.() === 0 &&
  spawnSync("unshare", ["--mount", "true"]).status === 0;

/** What mounts the files of an image, as the first thing in its namespace. */
export const MOUNT = 'mount --bind "$0/srv" /srv && cd "$1" && shift';

/** @throws Error for instructions that it does not know, or that fail */
export async function buildImage(source: ImageSource): Promise<Image> {
  const { dockerfile, stages } = source;
  const text = readFileSync(dockerfile, "utf8");
  const named = new Map<string, Image>();
  let image: Image | undefined;
  const parse = await loadDockerfileParser();
  for (const each of parse(text)) {
    if (each.getKeyword() === "FROM") {
      image = emptyImage(path.join(stages, String(named.size)));
      const name = each.getBuildStage?.() ?? String(named.size);
      named.set(name, image);
    } else if (image) {
      await follow(each, image, { source, named });
    }
  }
  if (image) return image;
  throw new Error(`${dockerfile} has no FROM`);
}

function emptyImage(root: string): Image {
  mkdirSync(path.join(root, "srv"), { recursive: true });
  return {
    ...{ root, workdir: "/", env: {}, user: "0:0", stopSignal: "SIGTERM" },
    ...{ entrypoint: [], cmd: [], healthcheck: [] },
  };
}

interface Build {
  readonly source: ImageSource;
  readonly named: ReadonlyMap<string, Image>;
}

async function follow(
  instruction: Instruction,
  image: Image,
  build: Build,
): Promise<void> {
  const keyword = instruction.getKeyword();
  const content = instruction.getArgumentsContent() ?? "";
  switch (keyword) {
    case "WORKDIR":
      image.workdir = content;
      mkdirSync(path.join(image.root, content), { recursive: true });
      return;
    case "ENV": {
      const pairs = content.split(/\s+/).map((pair) => pair.split("="));
      image.env = { ...image.env, ...Object.fromEntries(pairs) };
      return;
    }
    case "COPY":
      return copy(instruction, image, build);
    case "RUN":
      return run(content, image, build.source.env);
    case "USER":
      image.user = content;
      return;
    case "ENTRYPOINT":
      image.entrypoint = execForm(content);
      return;
    case "CMD":
      image.cmd = execForm(content);
      return;
    case "HEALTHCHECK":
      image.healthcheck = execForm(content.replace(/^CMD /, ""));
      return;
    case "STOPSIGNAL":
      image.stopSignal = content;
      return;
    case "EXPOSE":
      return;
    default:
      throw new Error(`this cannot play ${keyword} ${content}`);
  }
}

/** With a shell in between, signals would end there. */
function execForm(content: string): string[] {
  return JSON.parse(content) as string[];
}

function copy(instruction: Instruction, image: Image, build: Build): void {
  const [to = ".", ...from] = instruction
    .getArguments()
    .map((argument) => argument.getValue())
    .reverse();
  const stage = instruction.getFromFlag?.()?.getValue();
  const earlier = stage ? build.named.get(stage) : undefined;
  if (stage && !earlier) throw new Error(`COPY --from names no stage ${stage}`);
  const root = earlier?.root ?? build.source.context;
  const isIgnored = earlier ? () => false : ignored(build.source);
  const target = path.resolve("/", image.workdir, to);
  for (const each of from) {
    const source = path.join(root, each);
    const isFolder = to.endsWith("/") && from.length > 1;
    const name = isFolder ? path.basename(each) : "";
    cpSync(source, path.join(image.root, target, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => !isIgnored(path.relative(root, file)),
    });
  }
}

/** By the patterns of the file beside the Dockerfile; no "!" and no "?". */
function ignored({ dockerfile }: ImageSource): (file: string) => boolean {
  const folder = path.dirname(dockerfile);
  const name = `${path.basename(dockerfile)}.dockerignore`;
  if (!readdirSync(folder).includes(name)) return () => false;
  const lines = readFileSync(path.join(folder, name), "utf8").split("\n");
  const patterns = lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const pattern = line
        .replaceAll(/[.+^$()|[\]\\{}]/g, "\\$&")
        .replaceAll("**/", "\0")
        .replaceAll("*", "[^/]*")
        .replaceAll("\0", "(?:.*/)?");
      return new RegExp(`^${pattern}$`);
    });
  return (file) => patterns.some((pattern) => pattern.test(file));
}

async function run(
  command: string,
  { root, workdir, env: own }: Image,
  env: Variables,
): Promise<void> {
  const shell = ["sh", "-c", command];
  const script = `${MOUNT} && exec "$@"`;
  const mount = ["unshare", "--mount", "sh", "-ec", script, root, workdir];
  const [program = "", ...args] = hasOwnFiles ? [...mount, ...shell] : shell;
  const cwd = hasOwnFiles ? "/" : path.join(root, workdir);
  const timeout = RUN_TIMEOUT_MS;
  await exec(program, args, { cwd, env: { ...env, ...own }, timeout });
}
