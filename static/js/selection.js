// The totals follow each click; without this file they follow each save.
const form = document.querySelector("#choices");
const totals = document.querySelector("#totals");

if (form && totals) {
  const unsaved = document.querySelector("#unsaved");
  const radios = () => [...form.querySelectorAll("input[type=radio]")];

  function count() {
    const numbers = {};
    for (const radio of radios()) {
      if (radio.checked) numbers[radio.value] = (numbers[radio.value] ?? 0) + 1;
    }
    for (const shown of totals.querySelectorAll("[data-total]")) {
      const sum = (numbers[shown.dataset.total] ?? 0) + Number(shown.dataset.elsewhere);
      shown.textContent = sum;
      if (shown.dataset.total === "confirmed") {
        totals.classList.toggle("too-many", sum > Number(totals.dataset.free));
      }
    }
    unsaved.hidden = !radios().some((radio) => radio.checked !== radio.defaultChecked);
  }

  form.addEventListener("change", count);
  count();
}
