/* « Copier »: what a field holds goes to the clipboard; a field of this kind is selected when entered. */
"use strict";

for (const field of document.querySelectorAll("[data-select]")) {
  field.addEventListener("focus", () => field.select());
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    const told = button.closest("section, .ct-form").querySelector("[data-copied]");
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      if (told) told.textContent = "Copié.";
    } catch { // an address without https: the field is selected, the keyboard copies
      if (told) told.textContent = "Texte sélectionné : Ctrl + C pour le copier.";
    }
  });
}
