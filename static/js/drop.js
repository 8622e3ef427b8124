// A file dropped anywhere on the page is sent at once; without this file one chooses it.
const form = document.querySelector("#file-form");
const field = form.querySelector("input[type=file]");

const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

document.addEventListener("dragover", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  form.parentElement.classList.add("is-target");
});

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) form.parentElement.classList.remove("is-target");
});

document.addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  field.files = event.dataTransfer.files;
  form.requestSubmit();
});
