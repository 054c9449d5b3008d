// One of the two phones: its screen, its quick replies and the line one writes in.

import { bubble, element, partsInWords } from "./bubble.js";
import { choosePlace } from "./place.js";
import { parts } from "./segments.js";
import { word } from "./words.js";

export class Phone {
  /** `send` gets what the person sends, without number and channel. */
  constructor(section, send) {
    this.section = section;
    this.send = send;
    this.list = section.querySelector(".messages");
    this.screen = section.querySelector(".screen");
    this.chips = section.querySelector(".chips");
    this.input = section.querySelector("textarea");
    this.counter = section.querySelector(".counter");
    this.listenToPerson();
    this.count();
  }

  listenToPerson() {
    const on = (selector, action) => this.section.querySelector(selector)?.addEventListener("click", action);
    on(".place", async () => {
      const location = await choosePlace();
      if (location) this.send({ location });
    });
    on(".picture", () => this.send({ media: [{ content_type: "image/png" }], body: this.takeText() }));
    on(".voice", () => this.send({ media: [{ content_type: "audio/wav" }] }));
    this.section.querySelectorAll(".try").forEach((example) =>
      example.addEventListener("click", () => this.send({ body: example.textContent })),
    );
    this.section.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendText();
    });
    this.input.addEventListener("input", () => this.count());
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.sendText();
    });
  }

  sendText() {
    if (this.input.value.trim()) this.send({ body: this.takeText() });
    this.input.focus();
  }

  takeText() {
    const text = this.input.value;
    this.input.value = "";
    this.count();
    return text;
  }

  count() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 132)}px`;
    if (!this.counter) return;
    const text = this.input.value;
    const needed = parts(text);
    this.counter.textContent = text ? `${word("characters", { n: text.length })} · ${partsInWords(needed)}` : "";
    this.counter.classList.toggle("long", needed > 3);
  }

  /** Show a whole conversation. */
  show(messages) {
    this.list.replaceChildren(...messages.map(bubble));
    this.showAnswers(messages.at(-1));
    this.showEnd();
  }

  /** Show one message that is new or has changed. */
  update(message) {
    const made = bubble(message);
    const old = [...this.list.children].find((item) => item.dataset.sid === message.sid);
    if (old) old.replaceWith(made);
    else this.list.append(made);
    if (this.list.lastElementChild === made) this.showAnswers(message);
    if (!old) this.showEnd();
  }

  showEnd() {
    this.section.querySelector(".empty").hidden = this.list.children.length > 0;
    this.screen.scrollTop = 0;
  }

  showAnswers(last) {
    const answers = last?.direction === "outbound" ? last.quick_replies : [];
    this.chips.replaceChildren(...answers.map((answer) => this.chip(answer)));
    this.chips.hidden = answers.length === 0;
  }

  chip({ title, id, kind = "button" }) {
    const button = element("button", "chip", title);
    button.type = "button";
    button.dir = "auto";
    button.addEventListener("click", () => this.send({ button: { payload: id, text: title, kind } }));
    return button;
  }
}
