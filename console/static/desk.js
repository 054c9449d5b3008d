// The desk below a thread: what is typed is counted, and kept in this tab until it is sent.

// How many SMS parts a text costs: the rule of infrastructure/segments.py.
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("^{}\\[~]|€\f");

function parts(text) {
  const letters = [...text];
  const gsm = letters.every((letter) => BASIC.has(letter) || EXTENDED.has(letter));
  const units = gsm ? letters.length + letters.filter((letter) => EXTENDED.has(letter)).length : text.length;
  const [single, joined] = gsm ? [160, 153] : [70, 67];
  return Math.ceil(units / (units <= single ? single : joined));
}

function count(form) {
  const text = form.elements.text.value.trim();
  const counted = form.querySelector("[data-longest]");
  const length = [...text].length;
  counted.querySelector("[data-characters]").textContent = length;
  const inParts = counted.querySelector("[data-parts]");
  if (inParts) inParts.textContent = parts(text);
  counted.classList.toggle("desk-over", length > Number(counted.dataset.longest));
}

// A draft belongs to one colleague and one conversation: whoever signs in next in this tab doesn't see it.
const nameOf = (form) => `draft:${form.dataset.draft}`;

function keep(form) {
  const { text, key } = form.elements;
  if (text.value) sessionStorage.setItem(nameOf(form), JSON.stringify({ text: text.value, key: key.value }));
  else sessionStorage.removeItem(nameOf(form));
}

// The form's key is the id of its message: if that is in the thread, it was sent.
function wasSent({ text, key }) {
  const sent = document.querySelector(`#m-${CSS.escape(key)} .bubble p`);
  return sent !== null && sent.textContent.trim() === text.trim().replaceAll("\r\n", "\n");
}

function restore() {
  for (const form of document.querySelectorAll("[data-draft]")) {
    const draft = JSON.parse(sessionStorage.getItem(nameOf(form)));
    const { text, key } = form.elements;
    if (draft && wasSent(draft)) {
      sessionStorage.removeItem(nameOf(form));
      if (text.value === draft.text) text.value = "";
    } else if (text.value) {
      keep(form);
    } else if (draft) {
      text.value = draft.text;
      // Under its own key, so that what did arrive the first time isn't sent twice.
      key.value = draft.key;
    }
    count(form);
  }
}

document.addEventListener("DOMContentLoaded", restore);
document.addEventListener("htmx:afterSettle", restore);

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-draft]");
  if (!form) return;
  keep(form);
  count(form);
});

// What was asked for before the desk last changed brings it once more. It isn't any newer, and somebody may be typing:
// a letter typed into the new box, before the draft is back in it, would be kept in the draft's place.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { fragment, target } = event.detail;
  const [brought, present] = [fragment, target].map((desk) => desk.querySelector("#desk-state")?.value);
  if (target.id === "desk" && brought === present) event.detail.shouldSwap = false;
});

// What was sent and met no answer, or a page that is too old, is said; what was typed is still there.
function notSent(event) {
  const desk = event.target.closest("#desk");
  if (desk) desk.querySelector("[data-not-sent]").hidden = false;
}

document.addEventListener("htmx:responseError", notSent);
document.addEventListener("htmx:sendError", notSent);
