/**
 * The frame rate that ffmpeg prints with two decimals at most: 23.98 stands for 24000/1001. `counted` is the rate of the
 * frames themselves, which it is where the container counts them too, and else where no broadcast rate fits. Those of a GIF
 * last whole hundredths of a second: 16.67 stands for 100/6.
 */
export function exactFps(printed: number, counted: number, countsFrames: boolean): number {
  if (printed === 0) return counted;
  const isSame = (rate: number): boolean => rate.toFixed(2) === printed.toFixed(2);
  if (countsFrames && isSame(counted)) return counted;
  if (Number.isInteger(printed)) return printed;
  const broadcast = (Math.round((printed * 1001) / 1000) * 1000) / 1001;
  const hundredths = 100 / Math.round(100 / printed);
  return [broadcast, counted, hundredths].find(isSame) ?? printed;
}
