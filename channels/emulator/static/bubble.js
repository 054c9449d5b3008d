// One message as a bubble. Everything a person or the product wrote is set as text, never as markup.

import { word } from "./words.js";

const TICKS = {
  queued: "clock",
  sending: "clock",
  sent: "tick",
  delivered: "ticks",
  read: "ticks",
  failed: "warn",
  undelivered: "warn",
};
const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  svg.setAttribute("aria-hidden", "true");
  return svg;
}

function webAddress(url) {
  return /^https?:\/\//i.test(url) ? url : "";
}

function media({ content_type: type = "image/*", url }) {
  const voice = type.startsWith("audio/");
  const shown = element(voice ? "audio" : "img", "media");
  if (voice) shown.controls = true;
  if (voice) shown.setAttribute("aria-label", word("a_voice_note"));
  else shown.alt = word("a_picture");
  shown.src = webAddress(url);
  return shown;
}

function place({ latitude, longitude, label, address }) {
  const pin = element("div", "pin");
  const text = element("div");
  const name = element("strong", "", label || word("location"));
  name.dir = "auto";
  text.append(name);
  if (address) text.append(element("span", "", address));
  const coordinates = element("span", "numbers", `${latitude}, ${longitude}`);
  coordinates.dir = "ltr";
  text.append(coordinates);
  pin.append(icon("place"), text);
  return pin;
}

export function partsInWords(count) {
  return count === 1 ? word("one_part") : word("parts", { n: count });
}

function foot(message) {
  const line = element("div", "foot");
  if (message.channel === "sms") line.append(element("span", "parts", partsInWords(message.segments)));
  line.append(element("time", "", time.format(new Date(message.at))));
  const ticks = element("span", `ticks ${message.status}`);
  ticks.append(icon(TICKS[message.status] ?? "clock"), element("span", "unseen", word(message.status)));
  ticks.title = word(message.status) + (message.error_code ? ` (${message.error_code})` : "");
  if (TICKS[message.status] === "warn") ticks.append(element("span", "", word(message.status)));
  line.append(ticks);
  return line;
}

export function bubble(message) {
  const item = element("li", `bubble ${message.direction} ${message.status}`);
  item.dataset.sid = message.sid;
  message.media.forEach((one) => item.append(media(one)));
  if (message.location) item.append(place(message.location));
  if (message.body) {
    const body = element("p", "body", message.body);
    body.dir = "auto";
    item.append(body);
  }
  item.append(foot(message));
  return item;
}
