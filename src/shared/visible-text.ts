/**
 * Escapes what a terminal would obey: all control characters but the line feed,
 * those of eight bits (0x80 to 0x9f) and those that change the direction of
 * text become `\u001b`. JSON keeps its meaning. `util.stripVTControlCharacters`
 * knows escape sequences only.
 */
export function visibleText(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    const unit = character.charCodeAt(at).toString(16).padStart(4, "0");
    return `\\u${unit}`;
  }).join("");
}
