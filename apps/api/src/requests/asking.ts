/** One way to what a request makes, whether it is made or only told; a listing that takes longer than the limit is given up. */
export type Asking = { readonly limitMs: number; readonly isLook: boolean };
export const deed: Asking = { limitMs: 300_000, isLook: false };
export const look: Asking = { limitMs: 60_000, isLook: true };
