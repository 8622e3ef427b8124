// Keeps the rules in words up to date (on a narrow screen in a bar that opens), adds rows and searches lists; without this file the form's
// buttons do the same.
const form = document.querySelector("#rules-form");
const summary = document.querySelector("#rules-summary");
const words = summary?.closest("details");
const gist = document.querySelector("#rules-gist");

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
    if (html !== summary.innerHTML) show(html);
  } catch (problem) {
    if (problem.name === "AbortError") return; // a later question is on its way
    summary.textContent = "The rules in words can’t be shown now. You can go on all the same.";
  }
  summary.removeAttribute("aria-busy");
}

const sentences = () => [...summary.querySelectorAll("li")].map((each) => each.textContent);

// The bar that is closed says what is new.
function show(html) {
  const before = new Set(sentences());
  summary.innerHTML = html; // the server has escaped it
  const news = sentences().find((each) => !before.has(each)) ?? "";
  gist.textContent = words.open ? "" : news;
}

// Beside the form there is room for all of it; below, a bar stays in sight and is closed at first.
function fold(narrow) {
  words.parentElement.classList.toggle("is-bar", narrow.matches);
  words.open = !narrow.matches;
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
  const narrow = matchMedia("(max-width: 900px)");
  narrow.addEventListener("change", fold);
  fold(narrow);
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
