// Search without a server: a rule stays where it, with its chapter's name, has every word that was typed.
(() => {
  "use strict";
  const search = document.getElementById("search");
  const words = document.getElementById("words");
  const found = document.getElementById("found");
  const halves = [...document.querySelectorAll(".half")];
  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ");
  const hide = (element, hidden) => { element.hidden = hidden; };

  const chapters = halves.map((half) => [...half.querySelectorAll(".chapter")].map((section) => {
    const title = plain(section.querySelector("h2").textContent);
    const cards = [...section.querySelectorAll(".card")];
    return {
      section,
      title,
      about: plain(section.textContent),
      entry: half.querySelector(`[data-for="${CSS.escape(section.id)}"]`),
      cards: cards.map((card) => ({ card, text: `${title} ${plain(card.textContent)}` })),
    };
  }));

  const filter = () => {
    const wanted = plain(words.value).split(" ").filter(Boolean);
    const fits = (text) => wanted.every((word) => text.includes(word));
    halves.forEach((half, number) => {
      let shown = 0;
      let all = 0;
      for (const chapter of chapters[number]) {
        const titled = fits(chapter.title);
        let here = 0;
        for (const { card, text } of chapter.cards) {
          const fit = titled || fits(text);
          hide(card, !fit);
          here += fit ? 1 : 0;
        }
        const kept = here > 0 || titled || (chapter.cards.length === 0 && fits(chapter.about));
        hide(chapter.section, !kept);
        if (chapter.entry) hide(chapter.entry, !kept);
        shown += here;
        all += chapter.cards.length;
      }
      half.querySelectorAll(".aside").forEach((aside) => hide(aside, wanted.length > 0));
      if (half.offsetParent === null) return;
      const none = !chapters[number].some((chapter) => !chapter.section.hidden);
      found.lang = half.lang;
      found.textContent = wanted.length === 0 ? "" : none ? half.dataset.nothing
        : half.dataset.found.replace("{shown}", shown).replace("{all}", all);
    });
  };

  const speak = () => {
    const chosen = halves.find((half) => half.offsetParent !== null);
    if (chosen) document.documentElement.lang = chosen.lang;
    filter();
  };

  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const half = target && target.closest(".half");
    if (!half || half.offsetParent !== null) return;
    document.getElementById(`language-${half.lang}`).checked = true;
    speak();
    target.scrollIntoView();
  };

  hide(search, false);
  words.addEventListener("input", filter);
  document.querySelectorAll("[name=language]").forEach((radio) => radio.addEventListener("change", speak));
  addEventListener("hashchange", follow);
  speak();
  follow();
})();
