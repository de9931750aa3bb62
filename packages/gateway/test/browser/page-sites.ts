/** Pages such as people use, made for these tests. */

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const head = (title: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><style>
  body{font:16px sans-serif;margin:0} header,footer,main,aside{padding:8px} .grid{display:grid;grid-template-columns:repeat(4,1fr);gap:8px}
  .card{border:1px solid #ccc;padding:8px} .hidden{display:none} nav a{margin-right:8px}</style>`;

/** A shop: 24 products as cards, filters, a basket, a footer. */
export function shopPage(): string {
  const goods = ["Kettle", "Toaster", "Lamp", "Desk chair", "Bookshelf", "Blanket", "Mug set", "Clock"];
  const card = (index: number): string => {
    const name = `${goods[index % goods.length]} ${["Oslo", "Bergen", "Tromsø"][index % 3]}`;
    return `<li class="card"><div class="wrap"><div class="pic"><a href="/p/${index}?ref=home&amp;utm_source=grid&amp;session=abcdef0123456789">
      <img src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==" alt="${name}"></a></div>
      <div class="text"><h3><a href="/p/${index}">${name}</a></h3><div class="stars"><span>4.${index % 10}</span> <span>(${index * 7 + 3} reviews)</span></div>
      <div class="price"><span class="now">${19 + index}.90 €</span> ${index % 4 === 0 ? "<s>39.90 €</s>" : ""}</div>
      <div><button>Add to basket</button></div></div></div></li>`;
  };
  return `${head("Nordic Home")}<body><header><div><a href="/"><img alt="Nordic Home" src="data:,"></a></div>
  <form role="search" action="/search"><label>Search <input name="q" placeholder="What are you looking for?"></label><button>Find</button></form>
  <nav aria-label="Departments"><ul>${["Kitchen", "Living", "Bedroom", "Office", "Garden", "Sale"].map((it) => `<li><a href="/c/${it.toLowerCase()}">${it}</a></li>`).join("")}</ul></nav>
  <a href="/basket">Basket (2)</a> <a href="/account">Account</a></header>
  <main><h1>Everything for your home</h1><p>48 products</p>
  <aside aria-label="Filters"><fieldset><legend>Price</legend>${["Under 20 €", "20 to 40 €", "Over 40 €"].map((it, at) => `<label><input type="checkbox" name="price" ${at === 1 ? "checked" : ""}> ${it}</label>`).join("")}</fieldset>
  <label>Sort by <select><option>Popularity</option><option selected>Price, low to high</option><option>Newest</option></select></label></aside>
  <ul class="grid">${times(24, card).join("")}</ul>
  <nav aria-label="Pages"><a href="?page=1" aria-current="page">1</a> <a href="?page=2">2</a> <a href="?page=3">3</a> <a href="?page=2">Next</a></nav></main>
  <footer><div><h2>Help</h2><ul><li><a href="/delivery">Delivery</a></li><li><a href="/returns">Returns</a></li><li><a href="/contact">Contact</a></li></ul></div>
  <p>Prices include VAT. © Nordic Home</p></footer></body></html>`;
}

/** A news page: a lead story, 14 teasers, a most-read list. */
export function newsPage(): string {
  const teaser = (
    index: number,
  ): string => `<article class="card"><div><div><a href="/2026/11/story-number-${index}-about-something">
    <h2>Council agrees on plan number ${index} for the old harbour</h2></a></div>
    <p>After a long debate the council has agreed on a plan, which opponents call half-hearted and supporters a beginning.</p>
    <div class="meta"><span>By Ada Writer</span> <time datetime="2026-11-25">25 November</time> <a href="/2026/11/story-number-${index}-about-something#comments">${index * 3} comments</a></div></div></article>`;
  return `${head("The Daily Fjord")}<body><header><a href="/">The Daily Fjord</a><nav aria-label="Sections">${["News", "Sports", "Culture", "Opinion", "Weather", "Jobs"].map((it) => `<a href="/${it.toLowerCase()}">${it}</a>`).join(" ")}</nav><button aria-expanded="false">Menu</button></header>
  <main><article><h1><a href="/2026/11/ferry">Night ferry returns after ten years</a></h1>
  <p>The night ferry between the two towns will sail again from spring on. ${"It carries cars, bicycles and, as before, the mail. ".repeat(4)}</p>
  <p>Tickets go on sale <a href="/tickets?campaign=frontpage&amp;id=99887766554433">next week</a>, the company says.</p></article>
  ${times(14, teaser).join("")}
  <section aria-label="Most read"><ol>${times(8, (index) => `<li><a href="/most/${index}">The ${index + 1}. most read story of the day</a></li>`).join("")}</ol></section></main>
  <aside><h2>Newsletter</h2><form action="/newsletter"><label>E-mail <input type="email" name="mail"></label><button>Subscribe</button></form></aside>
  <footer><a href="/imprint">Imprint</a> <a href="/privacy">Privacy</a> <a href="/contact">Contact</a></footer></body></html>`;
}

/** A page of a manual: a side bar with 120 links, a table of contents with 20, text with 10, code and a table. */
export function docsPage(): string {
  const chapters = ["Getting started", "Guides", "Configuration", "Commands", "Plugins", "Reference"];
  const side = chapters.map(
    (chapter, at) =>
      `<li><a href="/docs/${at}/">${chapter}</a><ul>${times(19, (index) => `<li><a href="/docs/${at}/topic-${index}.html">${["Install", "Update", "Remove", "Inspect", "Query"][index % 5]} ${["files", "tasks", "users", "logs"][index % 4]}</a></li>`).join("")}</ul></li>`,
  );
  const section = (
    index: number,
  ): string => `<h2 id="s${index}">Step ${index + 1} <a href="#s${index}" aria-label="Link to this heading">#</a></h2>
    <p>Run the command below, then look at <a href="/docs/1/topic-${index}.html">the guide</a> for what it prints.</p><pre><code>tool run --step ${index + 1}</code></pre>`;
  return `${head("Manual: first steps")}<body><header><a href="/">Tool</a> <input type="search" aria-label="Search the manual"></header>
  <div class="layout"><nav aria-label="Manual"><ul>${side.join("")}</ul></nav>
  <main><h1>First steps</h1><p>This page shows the first steps with the tool.</p>${times(10, section).join("")}
  <table><thead><tr><th>Option</th><th>Default</th><th>Meaning</th></tr></thead><tbody>${times(6, (index) => `<tr><td><code>--opt-${index}</code></td><td>${index}</td><td>Sets number ${index}</td></tr>`).join("")}</tbody></table></main>
  <nav aria-label="On this page"><ul>${times(20, (index) => `<li><a href="#s${index}">Part ${index + 1}</a></li>`).join("")}</ul></nav></div></body></html>`;
}
