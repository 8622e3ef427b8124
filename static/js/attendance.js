// Search as you type and ticks without reloading; without this file the page's forms do the same.
const desk = document.querySelector("#desk");
const ticks = document.querySelector("#ticks");

if (desk && ticks) {
  const search = desk.elements.q;
  const rows = [...ticks.querySelectorAll("li[data-search]")];
  const last = document.querySelector("#last");
  const undo = document.querySelector("#undo");
  const nobody = document.querySelector("#nobody");
  const token = ticks.elements.csrf_token.value;

  const folded = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const texts = rows.map((row) => folded(row.dataset.search));

  function filter() {
    const words = folded(search.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, at) => {
      row.hidden = !words.every((word) => texts[at].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    if (nobody) nobody.hidden = shown > 0;
  }

  function buttonFor(address) {
    return rows
      .map((row) => row.querySelector("button"))
      .find((button) => button.formAction === address);
  }

  function show(button, isPresent) {
    button.setAttribute("aria-pressed", String(isPresent));
    button.value = isPresent ? "0" : "1";
    button.querySelector(".tick-state").textContent = isPresent ? "Present" : "";
  }

  function say(words, failed = false) {
    last.textContent = words;
    last.classList.toggle("failed", failed);
  }

  function offerUndo(button, isPresent) {
    undo.setAttribute("formaction", button.getAttribute("formaction"));
    undo.value = isPresent ? "0" : "1";
    undo.hidden = false;
  }

  async function send(address, present) {
    const answer = await fetch(address, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      body: new URLSearchParams({ present }),
    });
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    if (!isJson) throw new Error("Reload the page and sign in again.");
    const words = await answer.json();
    if (!answer.ok) throw new Error(words.message);
    return words;
  }

  async function tick(button, present) {
    if (button.getAttribute("aria-busy") === "true") return;
    const name = button.querySelector("strong").textContent;
    const isPresent = present === "1";
    button.setAttribute("aria-busy", "true");
    show(button, isPresent); // at once; taken back if the server refuses
    try {
      const counts = await send(button.formAction, present);
      document.querySelector("#present-count").textContent = counts.present;
      document.querySelector("#expected-count").textContent = counts.expected;
      say(`${name} is ${isPresent ? "present" : "not present"}.`);
      offerUndo(button, isPresent);
    } catch (problem) {
      show(button, !isPresent);
      const reason = problem instanceof TypeError ? "The connection is lost. Try again." : problem.message;
      say(`${name} was not saved. ${reason}`, true);
    }
    button.removeAttribute("aria-busy");
  }

  ticks.addEventListener("submit", (event) => {
    const pressed = event.submitter;
    const button = buttonFor(pressed.formAction);
    if (!button) return;
    event.preventDefault();
    tick(button, pressed.value);
  });
  desk.elements.session.addEventListener("change", () => desk.requestSubmit());
  desk.addEventListener("submit", (event) => {
    const isOnlySearch = desk.elements.session.value === ticks.dataset.session;
    if (isOnlySearch) event.preventDefault();
  });
  search.addEventListener("input", filter);
  filter();
}
