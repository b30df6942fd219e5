/* The producer's page: says what his answer comes to, while he makes it. The page works without. */
"use strict";

const euros = new Intl.NumberFormat("fr-FR", {style: "currency", currency: "EUR"});
const plain = new Intl.NumberFormat("fr-FR", {maximumFractionDigits: 1});
const many = (count, one, several) => `${count} ${count > 1 ? several : one}`;

function coming(line) {
  const choice = line.querySelector("input[type=radio]:checked");
  if (!choice || choice.value === "oui") return Number(line.dataset.packs);
  if (choice.value === "non") return 0;
  const typed = line.querySelector("input[inputmode=numeric]").value.trim();
  return /^\d{1,6}$/.test(typed) ? Number(typed) : NaN;
}

function tell(form) {
  let total = 0, agreed = 0, changed = 0, none = 0;
  for (const line of form.querySelectorAll(".pr-l[data-packs]")) {
    const packs = coming(line), price = Number(line.dataset.price);
    const sum = line.querySelector("[data-sum]");
    if (sum) sum.textContent = Number.isNaN(packs) ? "" : `${plain.format(packs * line.dataset.grams / 1000)} kg, ${euros.format(packs * price)}`;
    total += Number.isNaN(packs) ? 0 : packs * price;
    if (packs === Number(line.dataset.packs)) agreed += 1; else if (packs === 0) none += 1; else changed += 1;
  }
  const parts = [agreed && many(agreed, "ligne d'accord", "lignes d'accord"), changed && many(changed, "changée", "changées"), none && many(none, "refusée", "refusées")];
  const place = form.querySelector("[data-total]"), button = form.querySelector("[data-send]");
  if (!place || !button) return;
  place.hidden = false;
  place.querySelector("span").textContent = parts.filter(Boolean).join(", ");
  place.querySelector("b").textContent = `${euros.format(total)} HT`;
  button.textContent = changed || none ? "Envoyer ma réponse" : "D'accord pour tout : confirmer";
}

for (const form of document.querySelectorAll("form[data-reply]")) {
  tell(form);
  for (const kind of ["input", "change", "click"]) form.addEventListener(kind, () => setTimeout(() => tell(form)));
}
