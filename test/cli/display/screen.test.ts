import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { Screen } from "../../../src/cli/display/screen.ts";

const LONG_MS = 60_000;

class FakeInput extends PassThrough {
  isTTY = true;
  isRaw = false;

  setRawMode(isRaw: boolean) {
    this.isRaw = isRaw;
    return this as never;
  }
}

function open(t: TestContext, { isTTY = true } = {}) {
  const input = new FakeInput();
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  const size = { rows: 4, columns: 10 };
  const output = Object.assign(new EventEmitter(), { isTTY, ...size, write });
  const screen = Screen.open(input as never, output as never);
  t.after(() => screen.close());
  return { screen, input, output, written };
}

describe("the screen of a terminal", () => {
  it("is drawn over, no larger than the terminal", (t) => {
    const { screen, written } = open(t);
    screen.show("0123456789abc\n2\n3\n4\n");
    const drawn = written.at(-1)?.split("\r\n") ?? [];
    assert.deepEqual(drawn, [
      "\x1b[H0123456789\x1b[K",
      "2\x1b[K",
      "3\x1b[K",
      "\x1b[J",
    ]);
  });

  for (const [what, key] of [
    ["q", "q"],
    ["Ctrl-C", "\x03"],
  ] as const) {
    it(`ends with ${what}, at once`, async (t) => {
      const { screen, input } = open(t);
      const ended = screen.endsWithin(LONG_MS);
      input.write("x");
      input.write(key);
      assert.equal(await ended, true);
      assert.equal(await screen.endsWithin(LONG_MS), true);
    });
  }

  it("ends with its terminal", async (t) => {
    const { screen, input } = open(t);
    input.end();
    assert.equal(await screen.endsWithin(LONG_MS), true);
  });

  it("is left as it was", (t) => {
    const { screen, input, written } = open(t);
    assert.equal(input.isRaw, true);
    assert.equal(written[0], "\x1b[?1049h\x1b[?25l");
    screen.close();
    assert.equal(input.isRaw, false);
    assert.equal(written.at(-1), "\x1b[?25h\x1b[?1049l");
  });
});

describe("what is no terminal", () => {
  it("ends when nobody reads any further", async (t) => {
    const { screen, output } = open(t, { isTTY: false });
    const ended = screen.endsWithin(LONG_MS);
    output.emit("error", new Error("EPIPE"));
    assert.equal(await ended, true);
  });

  it("gets one text after the other, and nothing else", async (t) => {
    const { screen, written } = open(t, { isTTY: false });
    assert.equal(screen.isLive, false);
    screen.show("one\n");
    screen.show("two\n");
    assert.equal(await screen.endsWithin(1), false);
    screen.close();
    assert.deepEqual(written, ["one\n", "\ntwo\n"]);
  });
});
