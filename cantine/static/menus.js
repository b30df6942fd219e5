/* cantine: focus on the pages of menus, after a piece of the page was replaced.

   data-focus         on a heading of a panel that opens: it takes the focus
   data-back="id"     on a link or a form: where the focus goes once the panel is closed */
"use strict";

(() => {
  let back = null;
  const remember = (event) => {
    const from = event.target.closest && event.target.closest("[data-back]");
    if (from) back = from.dataset.back;
  };
  document.addEventListener("click", remember, true);
  document.addEventListener("submit", remember, true);

  const shown = (id) => {
    const found = document.getElementById(id);
    return found && found.offsetParent ? found : null;
  };
  new MutationObserver((changes) => {
    const fresh = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.id === "page");
    if (!fresh.length) return;
    const title = fresh[0].querySelector("[data-focus]");
    const place = back && (shown(back) || shown(back.replace(/^a./, "am").replace(/^w/, "m")));
    if (title) {
      title.focus({preventScroll: true});
      if (matchMedia("(max-width: 1199px)").matches) title.scrollIntoView({block: "start"});
    } else if (place) place.focus();
    back = null;
  }).observe(document.getElementById("contenu"), {childList: true, subtree: true});
})();
