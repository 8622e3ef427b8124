// Totals, limits and balance follow each choice; without this file they follow each save.
const form = document.querySelector("#choices");

let asked;
let timer;

function show(part) {
  const shown = document.querySelector(`[data-live="${part.dataset.live}"]`);
  const [old, fresh] = [shown, part].map((each) => each.querySelector("details"));
  if (old && fresh?.className === old.className) fresh.open = old.open;
  if (part.innerHTML !== shown.innerHTML) shown.innerHTML = part.innerHTML; // the server has escaped it
}

async function refresh() {
  asked?.abort();
  asked = new AbortController();
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.dataset.summary, { method: "POST", body, signal: asked.signal });
    if (!answer.ok || answer.redirected) throw new Error("not to be had now");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    page.querySelectorAll("[data-live]").forEach(show);
  } catch (problem) {
    if (problem.name === "AbortError") return; // a later question is on its way
    document.querySelector('[data-live="totals"]').textContent =
      "What this comes to can’t be shown now. You can save it all the same.";
  }
}

const isUnsaved = () =>
  [...form.querySelectorAll("input[type=radio]")].some((each) => each.checked !== each.defaultChecked);

function follow() {
  document.querySelector("#unsaved").hidden = !isUnsaved();
  clearTimeout(timer);
  timer = setTimeout(refresh, 300);
}

form?.addEventListener("change", (event) => {
  if (event.target.type === "radio") follow();
});
if (form && isUnsaved()) follow(); // a browser that goes back keeps what was chosen
