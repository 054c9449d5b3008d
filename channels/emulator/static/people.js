// The list of phone numbers: which one is in hand, what waits on the others.

import { element } from "./bubble.js";
import { word } from "./words.js";

const list = document.getElementById("numbers");
const form = document.getElementById("add");
const wrong = document.getElementById("add-wrong");
const NUMBER = /^\+[1-9][0-9]{6,14}$/;

/** +9647000000001 as people write it: +964 700 000 0001. */
function spaced(number) {
  return number.replace(/^\+964(\d{3})(\d{3})(\d{4})$/, "+964 $1 $2 $3");
}

export function badge(count) {
  const made = element("b", "count", String(count));
  made.append(element("span", "unseen", ` ${word("unread")}`));
  return made;
}

function entry({ number, unread }, current, choose) {
  const button = element("button");
  button.type = "button";
  const text = element("span", "", spaced(number));
  text.dir = "ltr";
  button.append(text);
  if (number === current) button.setAttribute("aria-current", "true");
  if (unread.sms + unread.whatsapp) button.append(badge(unread.sms + unread.whatsapp));
  button.addEventListener("click", () => choose(number));
  const item = element("li");
  item.append(button);
  return item;
}

export function showPeople(phones, current, choose) {
  list.replaceChildren(...phones.map((phone) => entry(phone, current, choose)));
}

export function onNewNumber(add) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = form.querySelector("input");
    const number = input.value.replace(/[\s()-]/g, "").replace(/^00/, "+");
    wrong.hidden = NUMBER.test(number);
    input.setAttribute("aria-invalid", String(!wrong.hidden));
    if (!wrong.hidden) return;
    input.value = "";
    add(number);
  });
}
