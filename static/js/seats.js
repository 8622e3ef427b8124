// Keeps the rules in words up to date, adds rows and searches lists; without this file the form's
// buttons do the same.
const form = document.querySelector("#rules-form");
const summary = document.querySelector("#rules-summary");

let asked;
let timer;

async function refresh() {
  asked?.abort();
  asked = new AbortController();
  summary.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.dataset.summary, { method: "POST", body, signal: asked.signal });
    if (!answer.ok || answer.redirected) throw new Error("not to be had now");
    const html = await answer.text();
    if (html !== summary.innerHTML) summary.innerHTML = html; // the server has escaped it
  } catch (problem) {
    if (problem.name === "AbortError") return; // a later question is on its way
    summary.textContent = "The rules in words can’t be shown now. You can go on all the same.";
  }
  summary.removeAttribute("aria-busy");
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, 500);
}

function addRow(rows) {
  const last = rows.lastElementChild;
  const at = rows.children.length;
  if (at >= Number(rows.dataset.most)) return;
  const copy = last.cloneNode(true);
  const old = `${rows.dataset.rows}-${at - 1}-`;
  copy.querySelectorAll(".error").forEach((each) => each.remove());
  copy.querySelector(".remove-row").hidden = false;
  for (const each of copy.querySelectorAll("[id], [name], [for], [aria-describedby]")) {
    for (const name of ["id", "name", "for", "aria-describedby"]) {
      const value = each.getAttribute(name);
      if (value) each.setAttribute(name, value.replaceAll(old, `${rows.dataset.rows}-${at}-`));
    }
    each.removeAttribute("aria-invalid");
    each.classList.remove("is-invalid");
    if (each.type === "checkbox") each.checked = false;
    else if (each.tagName === "SELECT") each.selectedIndex = 0;
    else if (each.tagName === "INPUT") each.value = "";
  }
  for (const details of copy.querySelectorAll("details")) details.open = false;
  copy.querySelectorAll("[data-number]").forEach((each) => (each.textContent = at + 1));
  rows.append(copy);
  copy.querySelector("select, input").focus();
}

const folded = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

function searchable(many) {
  const box = many.querySelector("[data-filter]");
  const rows = [...many.querySelectorAll(".form-check")];
  const texts = rows.map((row) => folded(row.textContent));
  box.hidden = false;
  box.querySelector("input").addEventListener("input", (event) => {
    event.stopPropagation(); // it is no part of the rules
    const words = folded(event.target.value).split(/\s+/).filter(Boolean);
    rows.forEach((row, at) => {
      row.hidden = !words.every((word) => texts[at].includes(word));
    });
  });
  many.addEventListener("change", () => {
    const chosen = rows.filter((row) => row.querySelector("input").checked).length;
    many.querySelector("[data-chosen]").textContent = chosen ? `${chosen} chosen` : many.dataset.many;
  });
}

if (form && summary) {
  form.addEventListener("input", soon);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=more]");
    if (!button) return;
    event.preventDefault();
    addRow(form.querySelector(`[data-rows=${button.value}]`));
  });
  form.querySelectorAll("[data-many]").forEach(searchable);
  if ("unsaved" in form.dataset) refresh();
}
