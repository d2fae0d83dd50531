/** The one style sheet of a report: for a screen, light or dark, a narrow one, and paper. What is wide casts a shadow where it goes on. */
export const style = `
:root { color-scheme: light; --paper: #fff; --ink: #16191d; --soft: #4d5661; --line: #d5dae0; --pale: #f4f6f8; --link: #1b56a0; --bar: #2f6db5; --shade: #16191d40; --good: #1c6b39; --bad: #a3231d; --dim: #8a5a00; }
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --paper: #14171b; --ink: #e6e9ed; --soft: #a3acb7; --line: #333a43; --pale: #20252b; --link: #8ab8f2; --bar: #5a95da; --shade: #000; --good: #6cc68d; --bad: #f0908a; --dim: #dfb25c; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif; }
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 72px; }
h1, h2, h3, th, .axis, figcaption, caption, .notice strong { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
.subtitle { color: var(--soft); font-size: 18px; margin: 0 0 28px; }
h2 { font-size: 21px; margin: 44px 0 12px; padding-top: 14px; border-top: 2px solid var(--ink); }
h3 { font-size: 17px; margin: 30px 0 8px; }
p, ul { max-width: 78ch; margin: 10px 0; }
ul { padding-left: 22px; }
li { margin: 3px 0; }
p, li { overflow-wrap: anywhere; }
td { overflow-wrap: break-word; }
a { color: var(--link); }
code { font: 0.86em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--pale); padding: 1px 4px; border-radius: 3px; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: 14px 0 20px; background: linear-gradient(to right, var(--paper) 40%, transparent) 0 0, linear-gradient(to left, var(--paper) 40%, transparent) 100% 0, linear-gradient(to right, var(--shade), transparent) 0 0, linear-gradient(to left, var(--shade), transparent) 100% 0; background-size: 36px 100%, 36px 100%, 10px 100%, 10px 100%; background-repeat: no-repeat; background-attachment: local, local, scroll, scroll; }
.scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 14px; line-height: 1.4; width: 100%; border-top: 1.5px solid var(--ink); border-bottom: 1.5px solid var(--ink); }
caption { text-align: left; color: var(--soft); font-size: 13px; padding-bottom: 6px; }
th, td { padding: 6px 10px 6px 0; text-align: left; vertical-align: top; }
th { font-size: 12.5px; font-weight: 600; border-bottom: 1px solid var(--ink); }
td { border-bottom: 1px solid var(--line); min-width: 5ch; }
tr:last-child td { border-bottom: 0; }
th:last-child, td:last-child { padding-right: 0; }
.right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td code { white-space: nowrap; }
.sum td { font-weight: 600; border-top: 1px solid var(--ink); }
.known { font-weight: 600; white-space: nowrap; }
.yes { color: var(--good); } .no { color: var(--bad); } .unknown { color: var(--dim); }
.notice { border: 1.5px solid var(--bad); border-left-width: 6px; padding: 10px 16px; margin: 18px 0; max-width: 78ch; }
.notice ul { margin: 6px 0 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(420px, 100%), 1fr)); gap: 22px 36px; align-items: start; margin: 18px 0; }
.charts figure, figure { margin: 0; }
figure svg, figure img { display: block; max-width: 100%; height: auto; }
svg text { fill: var(--ink); } svg rect { fill: var(--bar); } svg > desc + rect { fill: var(--paper); }
figure.sheet { margin: 18px 0 24px; }
figcaption { color: var(--soft); font-size: 13px; margin-top: 6px; }
pre { background: var(--pale); border: 1px solid var(--line); padding: 14px 16px; overflow-x: auto; font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 640px) {
  body { font-size: 15px; }
  main { padding: 24px 16px 48px; }
  h1 { font-size: 25px; }
  table { font-size: 13px; }
  .wide { min-width: 860px; }
  .middle { min-width: 600px; }
}
@media print {
  @page { size: A4; margin: 16mm 14mm; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2 { margin-top: 22pt; }
  h2, h3 { break-after: avoid; }
  table { font-size: 7.6pt; }
  th { font-size: 7.4pt; }
  th, td { padding: 3pt 5pt 3pt 0; min-width: 0; }
  .scroll { overflow: visible; background: none; }
  tr, figure, .notice { break-inside: avoid; }
  .right { white-space: normal; }
  td code { white-space: normal; background: none; padding: 0; }
  .charts { grid-template-columns: 1fr 1fr; gap: 10pt 16pt; }
  figure.sheet img { max-height: 150mm; }
  a { color: inherit; }
  pre { font-size: 7.5pt; }
}
`;
