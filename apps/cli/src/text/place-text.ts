/** What lies in a folder or below an address, told as the place itself was given. */
export function placeIn(place: string, name: string): string {
  return `${place.replace(/\/+$/, "")}/${name}`;
}
