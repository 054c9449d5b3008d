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
