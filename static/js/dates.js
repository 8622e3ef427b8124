// Keeps the warnings about an event's dates true while they are chosen; without this file the
// button beside them does.
const box = document.querySelector("#dates-check");
const found = document.querySelector("#dates-found");
const form = box?.closest("form");
const about = new Set(["zone", "starts", "ends", "mode", "venue", "city", "country", "roles", "topics", "contact_name"]);

let asked;
let timer;

async function look() {
  asked?.abort();
  asked = new AbortController();
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(box.dataset.check, { method: "POST", body, signal: asked.signal });
    if (!answer.ok || answer.redirected) throw new Error("not to be had now");
    const html = await answer.text();
    if (html !== found.innerHTML) found.innerHTML = html; // the server has escaped it
  } catch (problem) {
    if (problem.name === "AbortError") return; // a later question is on its way
    found.textContent = "The dates can’t be checked now. You can save all the same.";
  }
}

if (form && found) {
  form.addEventListener("input", ({ target }) => {
    if (!about.has(target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(look, 500);
  });
  const button = box.querySelector("button");
  button.type = "button";
  button.addEventListener("click", look);
}
