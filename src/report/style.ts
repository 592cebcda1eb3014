/** The look of a report: readable in light and dark, on paper and on small screens, with nothing loaded from anywhere. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0; --page: #fff; --raised: #f6f8fa; --training: #1a7f37; --validation: #8250df; --problem: #cf222e; --watch: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e6e6; --quiet: #9aa4af; --line: #3a4048; --page: #16181c; --raised: #1f2227; --training: #57c774; --validation: #b794f6; --problem: #ff7b72; --watch: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1060px; padding: 28px 20px 60px; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 36px 0 10px; padding-top: 10px; border-top: 1px solid var(--line); } h3 { font-size: 16px; margin: 24px 0 4px; }
p { margin: 6px 0; } .quiet { color: var(--quiet); font-size: 13px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; } th, td { text-align: left; vertical-align: top; padding: 4px 18px 4px 0; border-bottom: 1px solid var(--line); } th { font-weight: 600; } .facts th { color: var(--quiet); font-weight: 400; white-space: nowrap; }
.wide { overflow-x: auto; } .curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 20px; } figure { margin: 0; min-width: 0; } figcaption { margin-bottom: 4px; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--quiet); } .grid { stroke: var(--line); } path.training { fill: none; stroke: var(--training); stroke-width: 1.6; } path.validation { fill: none; stroke: var(--validation); stroke-width: 1.6; stroke-dasharray: 5 4; } circle.validation { fill: var(--validation); }
.kernels { display: flex; flex-wrap: wrap; gap: 20px 32px; margin: 10px 0; } .kernels img { max-width: 100%; height: auto; image-rendering: pixelated; display: block; }
.finding { padding: 8px 12px; margin: 10px 0; border-left: 3px solid var(--watch); background: var(--raised); } .finding.problem { border-color: var(--problem); }
code, pre { font-family: ui-monospace, SFMono-Regular, Consolas, monospace; font-size: 13px; } pre { background: var(--raised); padding: 12px; overflow-x: auto; border-radius: 6px; } .tag { border: 1px solid var(--watch); border-radius: 9px; padding: 0 7px; font-size: 12px; }
.bar { display: inline-block; width: 120px; height: 10px; vertical-align: middle; border: 1px solid var(--line); }
@media print { body { max-width: none; } h2 { break-after: avoid; } figure, .finding { break-inside: avoid; } }
`.trim();
