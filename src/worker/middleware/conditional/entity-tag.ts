/** Entity tags: RFC 9110 §8.8.3. */

const LIST_MEMBER =
  /[ \t]*(?:,[ \t]*)*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/y;

/**
 * Parses the tags of `If-Match` or `If-None-Match`, up to the first malformed
 * member.
 */
export function parseEntityTags(list: string): string[] {
  const tags: string[] = [];
  LIST_MEMBER.lastIndex = 0;
  for (;;) {
    const tag = LIST_MEMBER.exec(list)?.[1];
    if (tag === undefined) return tags;
    tags.push(tag);
  }
}

/** §8.8.3.2 strong comparison: same octets, safe for combining ranges. */
export function matchesStrongly(one: string, other: string): boolean {
  return one === other && !isWeak(one);
}

/** §8.8.3.2 weak comparison: equivalent content. */
export function matchesWeakly(one: string, other: string): boolean {
  return opaque(one) === opaque(other);
}

/** The tag for equivalent content in different octets, such as encoded. */
export function weakened(tag: string): string {
  return isWeak(tag) ? tag : `W/${tag}`;
}

function isWeak(tag: string): boolean {
  return tag.startsWith("W/");
}

function opaque(tag: string): string {
  return isWeak(tag) ? tag.slice(2) : tag;
}
