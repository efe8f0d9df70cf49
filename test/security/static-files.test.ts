/**
 * What clients try against a server of files, over real sockets and with request
 * targets that no URL parser has tidied up. The root has a secret beside it and
 * one below it; neither may ever be seen.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { App } from "../../src/worker/app/app.ts";
import { ok } from "../../src/worker/http/response-helpers.ts";
import { openFile } from "../../src/worker/middleware/static-files/open-file.ts";
import {
  type StaticFilesOptions,
  staticFiles,
} from "../../src/worker/middleware/static-files/static-files.ts";
import { openFilesBelow } from "../support/open-files.ts";
import { exchange } from "../support/raw-exchange.ts";
import { siteFolder } from "../support/site-folder.ts";
import { waitUntil } from "../support/wait-until.ts";
import { serveHttp } from "../worker/http1/served-http1.ts";

const SECRET = "root:x:0:0:secret";

const base = siteFolder({
  secret: SECRET,
  "site/index.html": "home",
  "site/sub/page.txt": "page",
  "site/private/plan.txt": SECRET,
  "site/.env": SECRET,
  "site/.git/config": SECRET,
  "site-backup/secret": SECRET,
});
const root = path.join(base, "site");

interface Answer {
  readonly target: string;
  readonly status: number;
  readonly text: string;
  readonly location: string | undefined;
}

/** What requests get whose targets are sent as they are. */
async function askAll(
  targets: readonly string[],
  options: StaticFilesOptions = {},
): Promise<Answer[]> {
  const app = new App();
  app.get("/private/*path", () => ok("log in first"));
  app.get("/*path", staticFiles(root, options));
  app.get("/assets/*path", staticFiles(root, options));
  const { address } = await serveHttp((request) => app.handle(request));
  const answers: Answer[] = [];
  for (const target of targets) {
    const request = `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`;
    const wanted = { responses: 1 };
    const { responses, raw } = await exchange(address, request, wanted);
    assert.ok(!raw.includes("secret"), `${target}: ${raw}`);
    const [response] = responses;
    assert.ok(response, target);
    const { status, body, fields } = response;
    const names = new Map(fields);
    assert.equal(names.get("X-Injected"), undefined);
    const location = names.get("Location");
    answers.push({ target, status, text: body.toString(), location });
  }
  return answers;
}

async function ask(target: string, options?: StaticFilesOptions) {
  const [answer] = await askAll([target], options);
  return answer as Answer;
}

async function assertRefused(
  targets: readonly string[],
  options?: StaticFilesOptions,
): Promise<void> {
  for (const { target, status, location } of await askAll(targets, options)) {
    assert.ok([400, 404].includes(status), `${target}: ${status}`);
    assert.equal(location, undefined, target);
  }
}

const UP = [
  "..",
  ".%2e",
  "%2e.",
  "%2e%2e",
  "%2E%2E",
  "%252e%252e",
  "%25252e%25252e",
  "%c0%ae%c0%ae",
  "%e0%80%ae%e0%80%ae",
  "%uff0e%uff0e",
  "%ef%bc%8e%ef%bc%8e",
  "..;",
  "...",
  "....",
  "..%00",
  "..%20",
  "..%09",
  "..%0a",
  "%00..",
  "..\\",
  "..%5c",
];
const SLASHES = [
  "/",
  "//",
  "%2f",
  "%2F",
  "%252f",
  "%5c",
  "%5C",
  "%255c",
  "\\",
  "%c0%af",
  "%e2%88%95",
  "%u2215",
  "/./",
];

describe("a path that would leave the root", () => {
  for (const up of UP) {
    it(`by ${up} is refused, whatever the slash is`, async () => {
      const targets = SLASHES.flatMap((slash) =>
        ["/", "/assets/", "/sub/", "/nowhere/"].flatMap((start) => [
          `${start}${up}${slash}secret`,
          `${start}${up}${slash}${up}${slash}secret`,
        ]),
      );
      await assertRefused(targets);
    });
  }

  for (const target of [
    "/../../../../../../etc/passwd",
    "//etc/passwd",
    "///etc/passwd",
    "/%2fetc/passwd",
    "/%2Fetc%2Fpasswd",
    "/assets//etc/passwd",
    "/assets/%2fetc/passwd",
    "/C:/windows/win.ini",
    "/c:%5cwindows%5cwin.ini",
    "/file:///etc/passwd",
    "/~root/.profile",
    "/proc/self/environ",
    "/..site-backup/secret",
    "/../site-backup/secret",
    "/sub/../../secret",
    "/sub/..",
    "/index.html/../../secret",
    "/index.html%00.txt",
    "/index.html%00",
    "/index.html%0d%0aX-Injected:%201",
    "/index.html::$DATA",
    "/index.html.",
    "/index.html%20",
    "/index.html/",
    "/.env",
    "/%2eenv",
    "/.%65nv",
    "/sub/%2e./.env",
    "/.git/config",
    "/.git",
    "/.git/",
    "/sub/.",
  ]) {
    it(`as ${target} is refused`, () => assertRefused([target]));
  }

  it("is refused in the form of a whole URL too", async () => {
    await assertRefused(["http://h/%2e%2e/secret", "http://h//etc/passwd"]);
  });

  it("gets no fallback either", async () => {
    const options = { fallback: "index.html" };
    assert.equal((await ask("/page", options)).text, "home");
    const targets = ["/..%2fsecret", "/a%2fb", "/.git/x", "/a//b"];
    await assertRefused(targets, options);
  });

  it("is refused where names with dots are allowed", async () => {
    const targets = ["/../secret", "/%2e%2e/secret", "/..%2fsecret"];
    await assertRefused(targets, { dotfiles: "allow" });
  });
});

describe("a path that would go around a route", () => {
  it("does not, however it is written", async () => {
    assert.equal((await ask("/private/plan.txt")).text, "log in first");
    await assertRefused([
      "/%70rivate/plan.txt",
      "/privat%65/plan.txt",
      "/private%2fplan.txt",
      "/private%2Fplan.txt",
      "//private/plan.txt",
      "/sub/../private/plan.txt",
      "/./private/plan.txt",
      "/private%5cplan.txt",
      "/PRIVATE/plan.txt",
    ]);
  });
});

describe("the redirect of a folder", () => {
  it("stays on this host, whatever the path is", async () => {
    assert.equal((await ask("/sub")).location, "./sub/");
    const folder = path.join(root, "evil.example");
    mkdirSync(folder, { recursive: true });
    after(() => rmSync(folder, { recursive: true }));
    await assertRefused([
      "//evil.example",
      "///evil.example",
      "/%2fevil.example",
      "/%5cevil.example",
      "/%5c%5cevil.example",
      "/evil.example//",
      "/evil.example/%2e%2e",
    ]);
    const answer = await ask("/evil.example?//evil.example");
    const location = answer.location as string;
    for (const page of [
      "http://h/evil.example",
      "https://h:8443/evil.example",
    ]) {
      const url = new URL(location, page);
      assert.equal(url.origin, new URL(page).origin);
      assert.equal(url.pathname, "/evil.example/");
    }
  });

  it("takes no name for a scheme", async () => {
    const folder = path.join(root, "javascript:alert(1)");
    mkdirSync(folder, { recursive: true });
    after(() => rmSync(folder, { recursive: true }));
    const { location } = await ask("/javascript:alert(1)");
    const url = new URL(location as string, "http://h/javascript:alert(1)");
    assert.equal(url.href, "http://h/javascript:alert(1)/");
  });
});

describe("what is no regular file", () => {
  const folder = siteFolder({ "x.txt": "x" });

  it("is nothing, and nobody waits for it", async () => {
    execFileSync("mkfifo", [path.join(folder, "fifo")]);
    const listener = net.createServer().listen(path.join(folder, "socket"));
    after(() => listener.close());
    symlinkSync("/dev/zero", path.join(folder, "zero"));
    symlinkSync("/proc/self/environ", path.join(folder, "environ"));
    symlinkSync("/dev/stdin", path.join(folder, "stdin"));
    for (const name of ["fifo", "socket", "zero", "environ", "stdin"]) {
      const opened = await openFile(folder, path.join(folder, name));
      assert.equal(opened.type, "nothing", name);
    }
    const what = "all files to be closed";
    await waitUntil(() => openFilesBelow(folder).length === 0, { what });
  });
});

describe("who may write below the root", () => {
  const shared = siteFolder({
    "outside/file.txt": SECRET,
    "site/real/file.txt": "public",
  });
  const site = path.join(shared, "site");
  const folder = path.join(site, "folder");
  const link = path.join(site, "link");
  let isSwapping = true;
  let swapping: Promise<void>;

  before(() => {
    mkdirSync(folder);
    writeFileSync(path.join(folder, "file.txt"), "public");
    symlinkSync("../outside", link);
    swapping = swap();
  });

  /** Puts the link in place of the folder and back, over and over. */
  async function swap(): Promise<void> {
    const aside = path.join(site, "aside");
    while (isSwapping) {
      renameSync(folder, aside);
      renameSync(link, folder);
      await new Promise(setImmediate);
      renameSync(folder, link);
      renameSync(aside, folder);
      await new Promise(setImmediate);
    }
  }

  it("cannot win a race with a link", async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 2_000; round++) {
      const file = path.join(folder, "file.txt");
      const opened = await openFile(site, file);
      if (opened.type !== "file") continue;
      seen.add(await opened.handle.readFile("utf8"));
      await opened.handle.close();
    }
    isSwapping = false;
    await swapping;
    assert.deepEqual([...seen], ["public"]);
  });
});
