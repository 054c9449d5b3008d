// The page: two phones of one number, a list of the others, and events that keep them true.

import { badge, onNewNumber, showPeople } from "./people.js";
import { Phone } from "./phone.js";
import * as wire from "./wire.js";

const offline = document.querySelector(".offline");
const tabs = [...document.querySelectorAll("[data-tab]")];
const narrow = window.matchMedia("(max-width: 56rem)");
let number = new URLSearchParams(location.search).get("number");
let people = [];

const phones = Object.fromEntries(
  [...document.querySelectorAll(".phone")].map((section) => {
    const { channel } = section.dataset;
    return [channel, new Phone(section, (message) => send({ channel, ...message }))];
  }),
);

function send(message) {
  wire.send(number, message).catch(() => (offline.hidden = false));
}

function isVisible(channel) {
  return !document.hidden && (!narrow.matches || phones[channel].section.classList.contains("chosen"));
}

async function refreshPeople() {
  people = await wire.phones();
  number ??= people[0].number;
  showPeople(people, number, choose);
  const unread = people.find((one) => one.number === number)?.unread ?? {};
  tabs.forEach((tab) => {
    const count = unread[tab.dataset.tab] ?? 0;
    const made = badge(count);
    made.hidden = count === 0;
    tab.querySelector(".count").replaceWith(made);
  });
}

async function look() {
  for (const channel of Object.keys(phones)) {
    if (isVisible(channel)) await wire.markRead(number, channel);
  }
  await refreshPeople();
}

async function choose(chosen) {
  number = chosen;
  const messages = await wire.transcript(number);
  for (const [channel, phone] of Object.entries(phones)) {
    phone.show(messages.filter((message) => message.channel === channel));
  }
  await look();
}

function onMessage(message) {
  if (message.number === number) phones[message.channel].update(message);
  const arrived = message.direction === "outbound" && message.status === "delivered" && !message.seen;
  if (arrived && message.number === number && isVisible(message.channel)) look();
  else if (arrived || !people.some((one) => one.number === message.number)) refreshPeople();
}

function showTab(channel) {
  tabs.forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.tab === channel)));
  Object.entries(phones).forEach(([name, phone]) => phone.section.classList.toggle("chosen", name === channel));
  phones[channel].showEnd();
  look();
}

tabs.forEach((tab) => tab.addEventListener("click", () => showTab(tab.dataset.tab)));
document.addEventListener("visibilitychange", look);
onNewNumber(async (added) => {
  await wire.addPhone(added);
  await choose(added);
});
wire.listen({
  onMessage,
  // What happened while the connection was away is read again.
  onOpen: async () => {
    offline.hidden = true;
    await refreshPeople();
    await choose(number);
  },
  onLost: () => (offline.hidden = false),
});
