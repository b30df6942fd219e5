/* Needs: kilos, rounding, euros and minimums follow the steppers; the server counts again when saved. */
"use strict";
(() => {
  const form = document.querySelector("[data-need]");
  if (!form) return;
  const space = "\u00a0";
  const show = (value, digits) => value.toLocaleString("fr-FR", {minimumFractionDigits: digits, maximumFractionDigits: digits}).replace(/\s/g, space);
  const euros = (value) => `${show(value, 2)}${space}€`;
  const kilos = (grams) => `${show(grams / 1000, grams % 1000 ? (grams % 100 ? 2 : 1) : 0)}${space}kg`;
  const lines = [...document.querySelectorAll("[data-line]")];

  function packs(line) {
    return Math.max(0, parseInt(line.querySelector(".ct-stepper input").value, 10) || 0);
  }

  function line_again(line) {
    const count = packs(line);
    const spare = count * line.dataset.pack - line.dataset.needed;
    line.querySelector("[data-kg]").textContent = kilos(count * line.dataset.pack);
    line.querySelector("[data-total]").textContent = euros(count * line.dataset.ht);
    const told = line.querySelector("[data-spare]");
    told.textContent = spare < 0 ? `manque ${kilos(-spare)}` : `+${kilos(spare)}`;
    told.className = spare < 0 ? "ct-short" : "ct-2nd";
  }

  function all_again() {
    let ht = 0, ttc = 0;
    for (const order of document.querySelectorAll("[data-order]")) {
      const mine = lines.filter((line) => line.dataset.visit === order.dataset.order);
      if (!mine.length) continue;
      const total = mine.reduce((sum, line) => sum + packs(line) * line.dataset.ht, 0);
      const least = Number(order.dataset.minimum), there = total + Number(order.dataset.there);
      order.querySelector("[data-order-total]").textContent = euros(total);
      ht += total;
      ttc += mine.reduce((sum, line) => sum + packs(line) * line.dataset.ttc, total ? Number(order.dataset.fee) * 1.055 : 0);
      const bar = order.querySelector(".value"), words = order.querySelector("[data-minimum-words]");
      if (bar) {
        const short = total > 0 && there < least;
        bar.setAttribute("width", `${Math.min(100, 100 * there / least)}%`);
        bar.classList.toggle("short", short);
        words.textContent = short ? `minimum ${euros(least)} : il manque ${euros(least - there)}` : `minimum ${euros(least)} atteint`;
      }
    }
    const sum = document.querySelector("[data-sum]");
    const meal = sum.querySelector("[data-sum-meal]"), rest = sum.querySelector("[data-sum-rest]");
    sum.querySelector("[data-sum-ht]").textContent = euros(ht);
    if (meal) meal.textContent = euros((ttc + Number(sum.dataset.others)) / sum.dataset.meals);
    if (rest) {
      const left = sum.dataset.rest - ttc;
      rest.textContent = euros(left);
      rest.className = left < 0 ? "ct-short" : "";
    }
  }

  document.addEventListener("input", (event) => {
    const line = event.target.closest("[data-line]");
    if (line) { line_again(line); all_again(); }
  });
})();
