/** The service's token, for this tab alone. It may arrive behind `#token=` and is taken out of the address at once. */
const place = "shardmill-token";

export function readToken(): string | null {
  const given = /^#token=([^&]+)/.exec(location.hash)?.[1];
  if (given !== undefined) {
    sessionStorage.setItem(place, decodeURIComponent(given));
    history.replaceState(null, "", `${location.pathname}#/`);
  }
  return sessionStorage.getItem(place);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(place, token);
}

export function authorization(): Record<string, string> {
  const token = sessionStorage.getItem(place);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}
