/** The service's token, for this tab alone. It may arrive in the address and is taken out of it at once. */
const place = "shardmill-token";

/**
 * The token in an address, and the address without it: `#token=SECRET`, `#token=SECRET&/builds/x` and
 * `#/builds/x?code=y&token=SECRET` all hold one.
 */
export function splitToken(hash: string): { readonly token: string | null; readonly hash: string } {
  const found = /(?:^#?|[?&])token=([^&#/?]*)/.exec(hash);
  const given = found?.[1];
  if (found === null || given === undefined) return { token: null, hash };
  const before = hash.slice(0, found.index);
  const after = hash.slice(found.index + found[0].length).replace(/^[&#?]/, "");
  const rest = /^#?$/.test(before) ? after : `${before}${after === "" ? "" : `${found[0][0]}${after}`}`;
  return { token: decoded(given), hash: `#/${rest.replace(/^[#/]+/, "")}` };
}

/** A text of an address; what is no good encoding stands for itself. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Takes the token out of the page's address; true when there was one. */
export function takeToken(): boolean {
  const { token, hash } = splitToken(location.hash);
  if (token === null) return false;
  if (token !== "") sessionStorage.setItem(place, token);
  history.replaceState(history.state, "", `${location.pathname}${hash}`);
  return true;
}

export function keepToken(token: string): void {
  sessionStorage.setItem(place, token);
}

export function hasToken(): boolean {
  return sessionStorage.getItem(place) !== null;
}

export function authorization(): Record<string, string> {
  const token = sessionStorage.getItem(place);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}
