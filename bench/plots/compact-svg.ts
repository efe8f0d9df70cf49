/** What Vega adds for scripts and readers of a live chart. */
const UNUSED = / (?:class|role|aria-[a-z]+|pointer-events)="[^"]*"/g;
const DEFAULTS = / (?:opacity="1"|font-weight="normal"|font-size="11px")/g;
const INVISIBLE = /<path d="(?:M0,0h0v0h0Z|M[^"]*)?"(?: display="none")?\/>/g;
const LONG_FRACTION = /-?\d+\.\d{2,}(?:e-\d+)?/g;

/**
 * A picture of Vega's with the same look in about a third of the bytes: what is
 * not seen is left out, a tenth of a pixel is near enough, and fonts are said
 * once. A line has one element, so that a change is seen in a diff.
 *
 * @param title for who cannot see it
 */
export function compactSvg(svg: string, title: string): string {
  const fonts = svg.match(/font-family="[^"]*"/)?.[0] ?? "";
  const short = svg
    .replace(/<[^>]+>/g, (tag) =>
      tag
        .replaceAll(` ${fonts}`, "")
        .replace(UNUSED, "")
        .replace(DEFAULTS, "")
        .replace(LONG_FRACTION, rounded),
    )
    .replace(INVISIBLE, "")
    .replace("<svg ", `<svg ${fonts} font-size="11px" `)
    .replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "");
  const titled = short.replace(">", () => `><title>${escaped(title)}</title>`);
  return withoutEmptyGroups(titled).replaceAll("><", ">\n<");
}

function rounded(number: string): string {
  return String(Math.round(Number(number) * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function withoutEmptyGroups(svg: string): string {
  const fewer = svg.replace(/<g[^>]*><\/g>/g, "");
  return fewer === svg ? svg : withoutEmptyGroups(fewer);
}
