// Light or dark: what was chosen here before, else what the system prefers.
const system = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  const theme = localStorage.getItem("theme") ?? (system.matches ? "dark" : "light");
  document.documentElement.dataset.bsTheme = theme;
}

paint();
system.addEventListener("change", paint);

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const dark = document.documentElement.dataset.bsTheme === "dark";
  localStorage.setItem("theme", dark ? "light" : "dark");
  paint();
});

// Say so while live events are cut off.
function offline(isOff) {
  const notice = document.querySelector("[data-offline]");
  if (notice) notice.hidden = !isOff;
}

document.addEventListener("htmx:sseError", () => offline(true));
document.addEventListener("htmx:sseOpen", () => offline(false));

// While an entry is typed, what its check found is said beside the field too; what is only missing yet is not.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "check") return;
  const form = document.querySelector("[data-entry-form]");
  if (!form) return;
  for (const place of form.querySelectorAll("[data-problem-of]")) {
    const name = place.dataset.problemOf;
    const found = document.querySelector(`#check [data-field="${CSS.escape(name)}"]`);
    place.textContent = found ? found.dataset.problem : "";
    const input = form.elements.namedItem(name);
    if (input instanceof HTMLElement) {
      if (found) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }
});

// Copying needs a script, so the buttons for it wait for one.
document.addEventListener("DOMContentLoaded", () => {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
  button.textContent = button.dataset.copied;
});

// Who signs out leaves nothing that they wrote to people (desk.js) in this tab.
document.addEventListener("submit", (event) => {
  if (!event.target.matches('[action="/console/sign-out"]')) return;
  for (const name of Object.keys(sessionStorage)) if (name.startsWith("draft:")) sessionStorage.removeItem(name);
});
