import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

const ROOT = path.resolve(import.meta.dirname, "../src");
const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.split(path.sep).join("/"));

/** The one folder for what Node does not document. */
const NODE_INTERNALS = "shared/node-internals/";

/** Methods that Node documents for classes that extend its streams. */
const OF_STREAMS = /\boverride _(?:read|write|final|destroy)\b/g;

/** A parameter or a variable that is not used. */
const UNUSED = /[(,\s]_[a-z]\w*(?=[:,)])/gi;

/** What Node does not document. */
const UNDOCUMENTED: readonly RegExp[] = [
  /\._[a-z]\w*|[{,]\s*_[a-z]\w*|^\s+(?:readonly )?_[a-z]\w*\??[:(]/,
  /\bonconnection\b|\bgetsockname\b|\bgetpeername\b/,
  /\binternalMessage\b|\bpendingHandle\b|\bk[A-Z]\w*(?:Handle|Buffer)\b/,
  /\bNODE_(?:HANDLE|CLUSTER|CHANNEL|UNIQUE_ID)/,
  /\b(?:assign|detach)Socket\b|\bshouldKeepAlive\b|\bchunkedEncoding\b/,
  /\bexitedAfterDisconnect\b|\bprocess\.binding\b|\bprocess\.channel\b(?!\?\.(?:un)?ref)/,
  /\breadableFlowing = |\bsetBlocking\?|"onWarning"/,
  /\bServer\.prototype\b|\bcompileSourceTextModule\b|\bnew ModuleWrap\b/,
];

/**
 * Words of a private vocabulary that the code once had; no part of a name or a
 * sentence is one of them.
 */
const PRIVATE_WORDS =
  /herds?|heirs?|bury|buried|farewells?|ledgers?|whence|inquests?|beget|begets|predecessors?|successors?|successions?|disappoints?|complaints?|verdicts|pulses?/;

/** What users know by that name, and what earlier versions read. */
const KEPT =
  /\b(?:predecessorPid|successorPid)\b|"herd"|"ledger"|herd of saddle horses|\bledger\b(?=[:.`?,}]| })/g;

function textOf(file: string): string {
  return readFileSync(path.join(ROOT, file), "utf8");
}

/** Lines of a text with what they have of a pattern. */
function linesWith(
  pattern: RegExp,
  file: string,
  text = textOf(file),
): string[] {
  return text.split("\n").flatMap((line, index) => {
    const [found] = pattern.exec(line) ?? [];
    return found === undefined ? [] : [`${file}:${index + 1}: ${found}`];
  });
}

/** "workerPool" is "worker Pool", "worker-pool" "worker pool". */
function asWords(text: string): string {
  return text.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").replaceAll(/[-_#]/g, " ");
}

describe("the source tree", () => {
  test("has no two files of one name", () => {
    const byName = new Map<string, string[]>();
    for (const file of files) {
      const name = path.posix.basename(file);
      byName.set(name, [...(byName.get(name) ?? []), file]);
    }
    const shared = [...byName.values()].filter((each) => each.length > 1);
    assert.deepEqual(shared, []);
  });

  test("uses what Node does not document in one folder", () => {
    const others = files.filter((file) => !file.startsWith(NODE_INTERNALS));
    const uses = others.flatMap((file) => {
      const text = textOf(file).replaceAll(OF_STREAMS, "");
      const code = text.replaceAll(UNUSED, " ");
      return UNDOCUMENTED.flatMap((pattern) => linesWith(pattern, file, code));
    });
    assert.deepEqual(uses, []);
  });

  test("tests each file of that folder", () => {
    const tests = path.resolve(import.meta.dirname, NODE_INTERNALS);
    const tested = readdirSync(tests)
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => file.replace(".test.ts", ".ts"));
    const internals = files
      .filter((file) => file.startsWith(NODE_INTERNALS))
      .map((file) => path.posix.basename(file));
    assert.deepEqual(tested.sort(), internals.sort());
  });

  test("has no private word in a name or a comment", () => {
    const words = new RegExp(`\\b(?:${PRIVATE_WORDS.source})\\b`, "i");
    const found = files.flatMap((file) => [
      ...linesWith(words, file, asWords(file)),
      ...linesWith(words, file, asWords(textOf(file).replaceAll(KEPT, ""))),
    ]);
    assert.deepEqual(found, []);
  });
});
