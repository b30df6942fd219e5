/* cantine: the one script. Every page works without it; it only saves waiting and typing.

   data-swap="#a, #b"   on a form or a link: send it, replace these elements by those of the answer
   data-live="#a"       on a search form: the same while typing
   data-poll="/url"     on an element with an id: ask again every data-every ms and replace it;
                        an answer without data-poll stops, data-go="/url" opens a page
   data-draft           on a form: keep what is typed, offer it back
   data-ask="…"         on a form: a question before sending
   data-stepper         − and + around a number
   data-arrows          on a table: arrow keys move between the links and buttons of its cells */
"use strict";

const token = () => document.querySelector("meta[name=csrf-token]").content;
const parse = (text) => new DOMParser().parseFromString(text, "text/html");

/* ── Fragments ───────────────────────────────────────────── */
async function ask(url, options = {}) {
  const headers = {"X-Fragment": "1", "X-CSRFToken": token(), ...(options.headers || {})};
  const answer = await fetch(url, {...options, headers, credentials: "same-origin"});
  if (answer.status === 401) { location.reload(); return null; }
  return answer;
}

function replace(page, selectors) {
  const focused = document.activeElement && document.activeElement.id;
  const told = messagesHeight();
  for (const selector of selectors) {
    const old = document.querySelector(selector);
    const fresh = page.querySelector(selector);
    if (old && fresh) { old.replaceWith(document.adoptNode(fresh)); start(document.querySelector(selector)); }
  }
  const again = focused && document.getElementById(focused);
  if (again && again !== document.activeElement) again.focus({preventScroll: true});
  scrollBy(0, messagesHeight() - told); // what was under the pointer stays under it
  hold();
}

/* A message above what is in sight stays at the top of the window until the page is moved. */
function hold() {
  const messages = document.getElementById("messages");
  if (!messages || !messages.childElementCount || messages.getBoundingClientRect().top >= 0) return;
  messages.classList.add("is-held");
  const release = () => messages.classList.remove("is-held");
  for (const kind of ["wheel", "touchmove"]) addEventListener(kind, release, {once: true, passive: true});
}

function messagesHeight() {
  const messages = document.getElementById("messages");
  return messages ? messages.getBoundingClientRect().height : 0;
}

async function swap(url, options, targets) {
  const answer = await ask(url, options);
  if (!answer) return;
  const page = parse(await answer.text());
  replace(page, answer.ok ? [...targets.split(","), "#messages"] : ["#contenu"]);
  if (!answer.ok) document.getElementById("contenu").focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.ask && !window.confirm(form.dataset.ask)) { event.preventDefault(); return; }
  if (!form.dataset.swap) return;
  event.preventDefault();
  const button = event.submitter;
  const data = new FormData(form, button);
  const get = form.method.toLowerCase() === "get";
  const url = (button && button.getAttribute("formaction")) || form.action;
  if (button) button.setAttribute("aria-disabled", "true");
  const sent = get ? swap(`${url.split("?")[0]}?${new URLSearchParams(data)}`, {}, form.dataset.swap)
                   : swap(url, {method: "POST", body: data}, form.dataset.swap);
  sent.catch(() => form.submit()).finally(() => { if (button) button.removeAttribute("aria-disabled"); });
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  swap(link.href, {}, link.dataset.swap).catch(() => location.assign(link.href));
});

function live(form) {
  let wait = 0;
  const send = () => {
    const url = `${form.action.split("?")[0]}?${new URLSearchParams(new FormData(form))}`;
    if (!form.closest("#cote")) history.replaceState(null, "", url); // a panel beside the menus has no address of its own
    swap(url, {}, form.dataset.live).catch(() => form.submit());
  };
  form.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(send, 300); });
}

function poll(element) {
  setTimeout(async () => {
    if (!element.isConnected) return;
    try {
      const answer = await ask(element.dataset.poll);
      if (!answer) return;
      const fresh = answer.ok && parse(await answer.text()).getElementById(element.id);
      if (fresh) {
        if (fresh.dataset.go) { location.assign(fresh.dataset.go); return; }
        element.replaceWith(document.adoptNode(fresh));
        start(document.getElementById(element.id));
        return;
      }
    } catch { /* the network is back later: ask again */ }
    poll(element);
  }, Number(element.dataset.every) || 1000);
}

/* ── Drafts ──────────────────────────────────────────────── */
function typed(form) {
  const fields = {};
  for (const field of form.elements) {
    if (!field.name || ["password", "file", "hidden", "submit", "button"].includes(field.type)) continue;
    if (field.type === "radio" && !field.checked) continue;
    fields[field.name] = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value;
  }
  return fields;
}

function fill(form, fields) {
  for (const [name, value] of Object.entries(fields)) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "checkbox") field.checked = value === "1";
      else if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
  }
}

async function draft(form) {
  const url = document.body.dataset.draftUrl;
  const name = location.pathname + (form.dataset.draft ? `#${form.dataset.draft}` : "");
  const untouched = JSON.stringify(typed(form));
  let wait = 0;
  const keep = () => {
    clearTimeout(wait); wait = 0;
    const body = JSON.stringify({form: name, fields: typed(form)});
    ask(url, {method: "POST", body, keepalive: true, headers: {"Content-Type": "application/json"}}).catch(() => {});
  };
  form.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(keep, 1500); });
  form.addEventListener("submit", () => { clearTimeout(wait); wait = 0; });
  addEventListener("pagehide", () => { if (wait) keep(); });
  const answer = await ask(`${url}?form=${encodeURIComponent(name)}`).catch(() => null);
  const kept = answer && answer.ok ? await answer.json() : null;
  if (kept && kept.fields && JSON.stringify(kept.fields) !== untouched) offer(form, name, kept);
}

function offer(form, name, kept) {
  const box = document.createElement("div");
  box.className = "ct-msg ct-msg--warn ct-flash";
  box.setAttribute("role", "status");
  const text = document.createElement("div");
  text.textContent = `Une saisie non enregistrée vous attend, du ${kept.saved_at}.`;
  const end = document.createElement("div");
  end.className = "ct-msg__end";
  end.append(button("Reprendre", "btn-primary", () => { fill(form, kept.fields); box.remove(); }));
  end.append(button("Effacer", "btn-outline-primary", () => {
    const body = new URLSearchParams({form: name});
    ask(`${document.body.dataset.draftUrl}/effacer`, {method: "POST", body}).catch(() => {});
    box.remove();
  }));
  box.append(text, end);
  form.before(box);
}

function button(word, kind, act) {
  const made = document.createElement("button");
  made.type = "button"; made.className = `btn btn-sm ${kind}`; made.textContent = word;
  made.addEventListener("click", act);
  return made;
}

/* ── Small helpers ───────────────────────────────────────── */
document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (step) {
    const input = step.closest("[data-stepper]").querySelector("input");
    const value = (parseInt(input.value, 10) || 0) + Number(step.dataset.step);
    input.value = Math.min(Number(input.dataset.max), Math.max(Number(input.dataset.min), value));
    input.dispatchEvent(new Event("input", {bubbles: true}));
    input.dispatchEvent(new Event("change", {bubbles: true}));
  }
  for (const menu of document.querySelectorAll("details.ct-me[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.ct-me[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  }
  const moves = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]};
  const cell = event.target.closest("[data-arrows] td, [data-arrows] th");
  if (!cell || !moves[event.key] || event.target.matches("input, select, textarea")) return;
  const [down, right] = moves[event.key];
  let row = cell.parentElement.rowIndex + down;
  let column = cell.cellIndex + right;
  const rows = cell.closest("table").rows;
  while (rows[row] && rows[row].cells[column]) {
    const next = rows[row].cells[column].querySelector("a, button");
    if (next) { next.focus(); event.preventDefault(); return; }
    row += down; column += right;
  }
});

/* A shared PC: once idle, ask the server (another tab may be in use), which answers 401 and we leave. */
function watch(minutes) {
  let seen = Date.now();
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { seen = Date.now(); }, {passive: true});
  setInterval(() => {
    if (Date.now() - seen > minutes * 60000) { seen = Date.now() - (minutes - 1) * 60000; ask(document.body.dataset.alive).catch(() => {}); }
  }, 20000);
}

function start(root) {
  if (!root) return;
  const every = (selector, act) => {
    if (root.matches && root.matches(selector)) act(root);
    root.querySelectorAll(selector).forEach(act);
  };
  every("[data-poll]", poll);
  every("form[data-live]", live);
  every("form[data-draft]", draft);
}

start(document);
if (document.body.dataset.idle) watch(Number(document.body.dataset.idle));
