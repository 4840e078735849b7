"""The look of the coverage page, on a screen in light and dark and on paper."""

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b2430;--soft:#505b69;--line:#d7dde4;--met:#e3f3e8;--met-ink:#14532d;
--part:#fdf1d3;--part-ink:#5f3d00;--none:#fde5e1;--none-ink:#8a1c10;--link:#14507f}
@media (prefers-color-scheme:dark){:root{--paper:#14191f;--ink:#e6eaef;--soft:#a9b4c1;--line:#323b46;--met:#143122;
--met-ink:#a9e5bf;--part:#3a2d0c;--part-ink:#f3d68f;--none:#431a16;--none-ink:#ffb9ae;--link:#8cc4f2}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:76rem;margin:0 auto;padding:1.5rem}
h1,h2,p{overflow-wrap:anywhere}h1{font-size:1.6rem;margin:0 0 .25rem}h2{margin:2.5rem 0 .5rem;font-size:1.2rem}
p{margin:.25rem 0 .75rem;max-width:48rem;color:var(--soft)}a{color:var(--link)}
.wide{overflow-x:auto}.wide:focus-visible,a:focus-visible{outline:3px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
.shares th,.shares td{padding:.25rem .8rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
.shares th:first-child,.shares td:first-child{text-align:left}
.shares .rest{text-align:left;white-space:normal;min-width:18rem}
.text{width:100%;font:13px/1.45 ui-monospace,Menlo,Consolas,monospace;border:1px solid var(--line)}
.text td{padding:.05rem .6rem;vertical-align:top}
.text .no,.text .share{color:var(--soft);text-align:right;white-space:nowrap;width:1%;user-select:none}
.text pre{margin:0;font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}
.met .share{background:var(--met);color:var(--met-ink)}
.part td{background:var(--part)}.part .share,.part .no{color:var(--part-ink)}
.none td{background:var(--none)}.none .share,.none .no{color:var(--none-ink)}
.text ul{margin:.1rem 0 .35rem;padding-left:1.2rem;font:13px/1.4 system-ui,sans-serif}
.part ul{color:var(--part-ink)}.none ul{color:var(--none-ink)}
.key span{display:inline-block;padding:.05rem .5rem;margin-right:.5rem;border-radius:.2rem}
.key .met{background:var(--met);color:var(--met-ink)}.key .part{background:var(--part);color:var(--part-ink)}
.key .none{background:var(--none);color:var(--none-ink)}
footer{color:var(--soft);font-size:.8rem;overflow-wrap:anywhere;margin-top:1.5rem}
@media (max-width:40rem){main{padding:1rem .75rem}.shares th,.shares td{padding:.25rem .3rem}
.text td{padding:.05rem .3rem}}
@page{size:A4;margin:14mm}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#333;--line:#999;--met:#e3f3e8;--met-ink:#14532d;
--part:#fdf1d3;--part-ink:#5f3d00;--none:#fde5e1;--none-ink:#8a1c10;--link:#000}
main{max-width:none;padding:0}h2{break-after:avoid}.text tr,.shares tr{break-inside:avoid}.wide{overflow:visible}
body,.met .share,.part td,.none td,.key span{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.text{font-size:10px}.text ul{font-size:10px}}
"""
