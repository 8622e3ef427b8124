// Tells a form the browser's time zone; without this file the site's usual one is taken.
for (const box of document.querySelectorAll("[data-zone]")) {
  box.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;
}
