// Draws the design anew while it is edited, where there is room beside the form, and adds a picker
// of colours. Without this the button opens the same preview in a tab.
const form = document.querySelector("#design");
const aside = document.querySelector(".design-preview");
const frame = aside.querySelector("iframe");
const status = aside.querySelector("[data-status]");
const PAUSE = 700; // ms after the last change

let timer, shown, number = 0;

const draw = async () => {
  const mine = ++number;
  status.textContent = "Being drawn";
  const fields = new FormData(form);
  fields.append("preview", "yes");
  try {
    const answer = await fetch(location.pathname, { method: "POST", body: fields });
    if (mine !== number) return; // a later one is on its way
    if (answer.headers.get("Content-Type") === "application/pdf") {
      show(await answer.blob());
    } else {
      status.textContent = problem(await answer.text());
    }
  } catch {
    status.textContent = "The preview could not be drawn: there is no connection.";
  }
};

const show = (blob) => {
  URL.revokeObjectURL(shown);
  shown = URL.createObjectURL(blob);
  frame.src = `${shown}#toolbar=0&navpanes=0&view=FitH`;
  status.textContent = "As it would be issued now, for two people who do not exist.";
};

const problem = (html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const first = page.querySelector(".error-summary li");
  return first ? `Not drawn. ${first.textContent.trim()}` : "The preview could not be drawn.";
};

const wide = matchMedia("(min-width: 1100px)");
const later = () => {
  aside.hidden = !wide.matches || !navigator.pdfViewerEnabled;
  clearTimeout(timer);
  if (!aside.hidden) timer = setTimeout(draw, PAUSE);
};
form.addEventListener("input", later);
form.addEventListener("change", later);
wide.addEventListener("change", later);
later();

// Whoever writes in a language sees it.
form.addEventListener("focusin", (event) => {
  if (event.target.lang) form.elements.language.value = event.target.lang;
});

const accent = form.elements.accent;
const picker = Object.assign(document.createElement("input"), { type: "color", className: "form-control form-control-color" });
picker.setAttribute("aria-label", "Pick the accent colour");
const follow = () => {
  if (/^#[0-9a-f]{6}$/i.test(accent.value)) picker.value = accent.value;
};
picker.addEventListener("input", () => (accent.value = picker.value));
accent.addEventListener("input", follow);
follow();
accent.after(picker);

for (const input of form.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    const large = [...input.files].some((file) => file.size > Number(form.dataset.mostMb) * 1024 * 1024);
    input.setCustomValidity(large ? `That picture is too large; it may have ${form.dataset.mostMb} MB at most.` : "");
    input.reportValidity();
  });
}
