import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CliCommand } from "../../../src/cli/command-line/cli-command.ts";
import { createProgram } from "../../../src/cli/command-line/program.ts";
import { textSettings } from "../../../src/shared/config/setting-list.ts";

const program = createProgram(() => {});
const commands = program.leaves;
const MAX_LINES = 50;

function commandNamed(name: string): CliCommand {
  const found = commands.find(({ fullName }) => fullName === name);
  return found ?? assert.fail(`there is no command ${name}`);
}

/** The flags that this command has, and only some of the others have. */
function ownFlags({ options }: CliCommand): string[] {
  return options.flatMap(({ helpGroupHeading, long }) => {
    return helpGroupHeading === "Flags:" && long ? [long] : [];
  });
}

function assertNarrow(text: string): void {
  const wide = text.split("\n").filter((line) => line.length > 80);
  assert.deepEqual(wide, []);
}

describe("the help", () => {
  it("is at most 80 columns wide, and short", () => {
    const text = program.helpInformation();
    assertNarrow(text);
    assert.ok(text.split("\n").length <= MAX_LINES, text);
  });

  it("names every command, and the flags that only some have", () => {
    const text = program.helpInformation();
    for (const command of commands) {
      assert.match(text, new RegExp(`^  ${command.fullName} `, "m"));
      for (const flag of ownFlags(command)) {
        assert.ok(text.includes(`[${flag}]`), flag);
      }
    }
  });

  it("of start names the flag of every setting, and its default", () => {
    const help = commandNamed("start").helpInformation();
    const text = help.replaceAll("[no-]", "").replaceAll(/\s+/g, " ");
    for (const { flagName, kind, defaultValue } of textSettings) {
      assert.ok(text.includes(` --${flagName} `), flagName);
      if (kind === "boolean" || defaultValue === undefined) continue;
      assert.ok(text.includes(`[${defaultValue}]`), flagName);
    }
  });
});

describe("the help of a command", () => {
  const allFlags = new Set(commands.flatMap(ownFlags));
  for (const command of commands) {
    const { fullName: name } = command;
    it(`is about that command: ${name}`, () => {
      const text = command.helpInformation();
      assert.ok(text.startsWith(`Usage: remuda ${name}`), text);
      assert.ok(text.includes(command.summary()), text);
      const others = commands.filter((each) => each !== command);
      for (const other of others) {
        assert.ok(!text.includes(other.summary()), text);
      }
      const isForDaemon = command.helpGroup().includes("daemon");
      assert.equal(/^ {2}--pid N /m.test(text), isForDaemon);
      assert.equal(/^ {2}--port N /m.test(text), !isForDaemon);
      const own = ownFlags(command);
      for (const flag of allFlags) {
        const entry = new RegExp(`^  (?:-[a-z], )?${flag} `, "m");
        assert.equal(entry.test(text), own.includes(flag), flag);
      }
      assertNarrow(text);
      const isShort = text.split("\n").length <= MAX_LINES;
      assert.equal(isShort, isForDaemon, text);
    });
  }
});
