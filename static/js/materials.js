// Says before anything is sent that a file is too large; the server says the same.
const form = document.querySelector("form[data-most-mb]");
const most = Number(form?.dataset.mostMb);

for (const input of form?.querySelectorAll("input[type=file]") ?? []) {
  input.addEventListener("change", () => {
    const large = [...input.files].find((file) => file.size > most * 1024 * 1024);
    input.setCustomValidity(large ? `“${large.name}” is too large; a file may have ${most} MB at most.` : "");
    input.reportValidity();
  });
}

form?.addEventListener("submit", (event) => {
  const wrong = [...form.elements].find((input) => input.validity?.customError);
  if (!wrong) return;
  event.preventDefault();
  wrong.reportValidity();
});
