import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CommandInfo,
  commandFlags,
  commandList,
  daemonFlags,
} from "../../../src/shared/config/command-list.ts";
import { helpText } from "../../../src/shared/config/help-text.ts";
import { textSettings } from "../../../src/shared/config/setting-list.ts";

describe("the help", () => {
  it("is at most 80 columns wide", () => {
    const wide = helpText()
      .split("\n")
      .filter((line) => line.length > 80);
    assert.deepEqual(wide, []);
  });

  it("names every command, and the flags that only some have", () => {
    const text = helpText();
    for (const { name } of commandList) {
      assert.match(text, new RegExp(`^  ${name} `, "m"));
    }
    for (const { name } of [...commandFlags, ...daemonFlags]) {
      assert.match(text, new RegExp(`^  --${name} `, "m"));
    }
  });

  it("names every flag, and its default", () => {
    const text = helpText().replaceAll("[no-]", "").replaceAll(/\s+/g, " ");
    for (const { flagName, kind, defaultValue } of textSettings) {
      assert.ok(text.includes(` --${flagName} `), flagName);
      if (kind === "boolean" || defaultValue === undefined) continue;
      assert.ok(text.includes(`[${defaultValue}]`), flagName);
    }
  });
});

describe("the help of a command", () => {
  for (const command of commandList) {
    const { name, help, kind, flags }: CommandInfo = command;
    it(`is about that command: ${name}`, () => {
      const text = helpText(command.name);
      assert.ok(text.startsWith(`Usage: remuda ${name}`), text);
      assert.ok(text.includes(help), text);
      const others = commandList.filter((each) => each.name !== name);
      for (const other of others) assert.ok(!text.includes(other.help), text);
      const isOfDaemon = kind === "daemon";
      assert.equal(/^ {2}--pid N /m.test(text), isOfDaemon);
      assert.equal(/^ {2}--port N /m.test(text), !isOfDaemon);
      for (const flag of commandFlags) {
        const isOwn = flags.includes(flag.name);
        assert.equal(text.includes(`  --${flag.name} `), isOwn, flag.name);
      }
      assert.deepEqual(
        text.split("\n").filter((line) => line.length > 80),
        [],
      );
    });
  }
});
