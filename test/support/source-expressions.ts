import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { transformSync } from "esbuild";

/** A regular expression literal in a source file. */
export interface SourceExpression {
  readonly file: string;
  readonly expression: RegExp;
}

export interface SourceExpressions {
  readonly literals: readonly SourceExpression[];
  /** Files that create expressions with `RegExp()`. */
  readonly makers: readonly string[];
}

/** Code that may precede a literal, but never a division. */
const BEFORE_LITERAL =
  /(?:^|[(,=:[!&|?{;+<>]|(?:\b(?:return|typeof|case|in|of|else|yield|await|void|do)))$/;
const DIVISION = /^ \/=? /;
/** A string, a template without its embedded code, a comment, or a literal. */
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*/y;
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;
const LITERAL = /\/((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([a-z]*)/y;

/** All regular expressions in the TypeScript files of folders. */
export function sourceExpressions(
  root: string,
  folders: readonly string[],
): SourceExpressions {
  const literals: SourceExpression[] = [];
  const makers: string[] = [];
  for (const folder of folders) {
    const names = readdirSync(path.join(root, folder), {
      recursive: true,
      encoding: "utf8",
    });
    for (const name of names.filter((each) => each.endsWith(".ts")).sort()) {
      const file = path.posix.join(folder, name.split(path.sep).join("/"));
      const source = readFileSync(path.join(root, file), "utf8");
      const found = expressionsIn(source);
      literals.push(...found.map((expression) => ({ file, expression })));
      if (/\bRegExp\(/.test(source)) makers.push(file);
    }
  }
  return { literals, makers };
}

/** The literals in TypeScript code, in order. */
export function expressionsIn(source: string): RegExp[] {
  const { code } = transformSync(source, {
    loader: "ts",
    target: "esnext",
    legalComments: "none",
  });
  return new LiteralScanner(code).scan();
}

/**
 * Scans code printed by esbuild, which puts blanks on both sides of a division.
 * An ambiguous slash is an error.
 */
class LiteralScanner {
  readonly #code: string;
  readonly #found: RegExp[] = [];
  #at = 0;

  constructor(code: string) {
    this.#code = code;
  }

  scan(): RegExp[] {
    this.#scanUntil(undefined);
    return this.#found;
  }

  /** @param end the brace that ends code embedded in a template */
  #scanUntil(end: "}" | undefined): void {
    let depth = 0;
    while (this.#at < this.#code.length) {
      const char = this.#code.charAt(this.#at);
      if (char === end && depth === 0) return;
      if (char === "{") depth++;
      if (char === "}") depth--;
      if (char === '"' || char === "'") this.#take(STRING);
      else if (char === "`") this.#template();
      else if (char === "/") this.#slash();
      else this.#at++;
    }
  }

  #template(): void {
    this.#at++;
    for (;;) {
      this.#take(TEMPLATE_TEXT);
      const isEnd = this.#code.charAt(this.#at) === "`";
      this.#at += isEnd ? 1 : 2;
      if (isEnd) return;
      this.#scanUntil("}");
      this.#at++;
    }
  }

  #slash(): void {
    const next = this.#code.charAt(this.#at + 1);
    if (next === "/" || next === "*") {
      this.#take(COMMENT);
      return;
    }
    const before = this.#code.slice(0, this.#at).trimEnd();
    if (BEFORE_LITERAL.test(before.slice(-20))) {
      const [, text = "", flags = ""] = this.#take(LITERAL);
      this.#found.push(new RegExp(text, flags));
    } else if (DIVISION.test(this.#code.slice(this.#at - 1, this.#at + 3))) {
      this.#at++;
    } else {
      const place = this.#code.slice(this.#at - 30, this.#at + 30);
      throw new Error(`neither a division nor an expression: ${place}`);
    }
  }

  #take(token: RegExp): RegExpExecArray {
    token.lastIndex = this.#at;
    const found = token.exec(this.#code);
    if (!found) throw new Error(`no ${token} at ${this.#at}`);
    this.#at = token.lastIndex;
    return found;
  }
}
