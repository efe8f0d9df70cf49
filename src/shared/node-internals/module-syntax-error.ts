/**
 * The format of the stack of a syntax error in a module.
 *
 * Checked with Node 20.20.2, 24.21.0 and 26.10.0. Node documents that a stack
 * is text, and not that the place of the error may be absent from it: so it is
 * where `import()` rejects, and the frames are those of Node's loader.
 */

/** Place, line and marks below it, which Node prints before a stack. */
const SHOWN_LINE =
  /^(?:file:\/\/)?(\/[^\n]+:\d+)\n([^\n]*)\n([ \t]*\^+)[ \t]*$/m;

const WHILE_PARSING =
  /^[ \t]+at (?:compileSourceTextModule|new ModuleWrap|ModuleLoader\.\w+Strategy)/m;

export interface ShownLine {
  /** File and number of the line. */
  readonly place: string;
  readonly line: string;
  readonly marks: string;
}

/** Undefined where the text does not show the line. */
export function shownLineIn(text: string): ShownLine | undefined {
  const [, place, line = "", marks = ""] = SHOWN_LINE.exec(text) ?? [];
  return place === undefined ? undefined : { place, line, marks };
}

/** Whether the frames are those of Node's loader, or of its caller. */
export function isOfModuleParser(stack: string): boolean {
  return WHILE_PARSING.test(stack);
}
