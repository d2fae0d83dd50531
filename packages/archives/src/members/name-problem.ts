/**
 * Why a member's name may not be used, or null. Nothing is ever written under such a name; but a name that climbs out or
 * hides bytes has no business in a data set, and it ends up in terminals, JSON and ledgers.
 */
export function nameProblem(name: string): string | null {
  if (name === "") return "the name is empty";
  if (name.includes("\u0000")) return "the name holds a NUL byte";
  if (hasControlCharacter(name)) return "the name holds a control character";
  if (/^[/\\]/.test(name)) return "the name is absolute";
  if (/^[A-Za-z]:/.test(name)) return "the name begins with a drive letter";
  if (name.split(/[/\\]/).includes("..")) return "the name climbs out with ..";
  return null;
}

/** A name as it may be printed: what no terminal should be given is replaced. */
export function printableName(name: string): string {
  return Array.from(name, (character) => (hasControlCharacter(character) ? "\uFFFD" : character)).join("");
}

function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
