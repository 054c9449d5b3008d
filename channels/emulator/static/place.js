// The small window in which a person chooses the place to send.

import { element } from "./bubble.js";
import { lang } from "./words.js";

const CITIES = [
  { en: "Mosul", ar: "الموصل", latitude: 36.34, longitude: 43.13 },
  { en: "Duhok", ar: "دهوك", latitude: 36.867, longitude: 42.988 },
  { en: "Erbil", ar: "أربيل", latitude: 36.191, longitude: 44.009 },
  { en: "Kirkuk", ar: "كركوك", latitude: 35.468, longitude: 44.392 },
  { en: "Sinjar", ar: "سنجار", latitude: 36.321, longitude: 41.876 },
  { en: "Ramadi", ar: "الرمادي", latitude: 33.425, longitude: 43.3 },
  { en: "Baghdad", ar: "بغداد", latitude: 33.315, longitude: 44.366 },
  { en: "Basra", ar: "البصرة", latitude: 30.508, longitude: 47.783 },
];
const dialog = document.getElementById("place");
const form = dialog.querySelector("form");
let chosen;

CITIES.forEach((city) => {
  const button = element("button", "chip", city[lang]);
  button.type = "button";
  button.addEventListener("click", () => {
    chosen = { latitude: city.latitude, longitude: city.longitude, label: city[lang] };
    dialog.close("city");
  });
  dialog.querySelector(".cities").append(button);
});

dialog.querySelector(".close").addEventListener("click", () => dialog.close(""));

/** The place chosen, or null when the window was closed. */
export function choosePlace() {
  chosen = null;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(answer()), { once: true });
  });
}

function answer() {
  if (dialog.returnValue === "city") return chosen;
  if (dialog.returnValue !== "send") return null;
  return { latitude: form.latitude.valueAsNumber, longitude: form.longitude.valueAsNumber };
}
