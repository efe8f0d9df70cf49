/** Entity tags: RFC 9110 §8.8.3. */

const LIST_MEMBER =
  /[ \t]*(?:,[ \t]*)*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/y;

/**
 * The tags of `If-Match` or `If-None-Match`. What follows a member that is no
 * tag is not read.
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

/** §8.8.3.2: the same octets, for a client that puts ranges together. */
export function matchesStrongly(one: string, other: string): boolean {
  return one === other && !isWeak(one);
}

/** §8.8.3.2: as good as the same. */
export function matchesWeakly(one: string, other: string): boolean {
  return opaque(one) === opaque(other);
}

/** The tag for what means the same in other octets, as when encoded. */
export function weakened(tag: string): string {
  return isWeak(tag) ? tag : `W/${tag}`;
}

function isWeak(tag: string): boolean {
  return tag.startsWith("W/");
}

function opaque(tag: string): string {
  return isWeak(tag) ? tag.slice(2) : tag;
}
