"""The look of a back-test's page, in light and dark."""

STYLE = """
:root{--paper:#fff;--ink:#1b2430;--soft:#5b6675;--line:#d7dde4;--allowed:#1f6fb2;--escalated:#e0a126;--denied:#7b8794;
--entitled:#1f6fb2;--goodwill:#3b9c6b;--estimate:#a9c7e3;--on-dark:#fff;--on-light:#1b2430}
@media (prefers-color-scheme:dark){:root{--paper:#14191f;--ink:#e6eaef;--soft:#a0abb8;--line:#323b46;--allowed:#5aa2dd;
--escalated:#e8b24a;--denied:#8b97a5;--entitled:#5aa2dd;--goodwill:#58b98a;--estimate:#34506b;--on-dark:#0d1116;
--on-light:#0d1116}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{margin:2rem 0 .75rem}h3{margin:0 0 .5rem;font-size:1.05rem}
.lead{font-size:1.1rem;margin:.25rem 0 .75rem}ul{padding-left:1.2rem;color:var(--soft)}
section{border-top:1px solid var(--line);padding:1rem 0}
section p{margin:.25rem 0 .5rem;color:var(--soft)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.75rem;margin-bottom:1rem}
.figures div{border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem;display:flex;flex-direction:column}
.figures b{font-size:1.4rem}.figures small{color:var(--soft)}
.legend span{margin-right:1.2rem}.legend i{display:inline-block;width:.8rem;height:.8rem;margin-right:.35rem;
border-radius:.15rem;vertical-align:-.05rem}
i.allowed{background:var(--allowed)}i.escalated{background:var(--escalated)}i.denied{background:var(--denied)}
i.entitled{background:var(--entitled)}i.goodwill{background:var(--goodwill)}
.chart{width:100%;height:auto;display:block}
.chart text{font:12px system-ui,sans-serif;fill:var(--ink)}.chart .name{text-anchor:end}
.chart .in{text-anchor:middle;fill:var(--on-dark)}.chart text.in.escalated{fill:var(--on-light)}
.chart rect.allowed{fill:var(--allowed)}.chart rect.escalated{fill:var(--escalated)}
.chart rect.denied{fill:var(--denied)}
.chart rect.entitled{fill:var(--entitled)}.chart rect.goodwill{fill:var(--goodwill)}
.chart rect.real,.chart rect.count{fill:var(--allowed)}
.chart rect.estimate{fill:var(--estimate);stroke:var(--allowed);stroke-dasharray:3 2}
.chart .axis{stroke:var(--soft)}.chart .whisker{stroke:var(--ink);fill:none}
details{margin-top:.5rem}summary{cursor:pointer;color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin-top:.5rem}
th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child,td:nth-child(2):last-child{text-align:left}
td:nth-child(2):last-child{white-space:normal}
footer{color:var(--soft);font-size:.8rem;overflow-wrap:anywhere;margin-top:1rem}
"""
