// What the page asks the emulator, and what it is told.

const json = (method, body) => ({
  method,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

const phone = (number) => `/phones/${encodeURIComponent(number)}`;

async function ask(url, options) {
  const answer = await fetch(url, options);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

export const phones = () => ask("/phones");
export const addPhone = (number) => ask("/phones", json("POST", { number }));
export const transcript = (number) => ask(`${phone(number)}/messages`);
export const send = (number, message) => ask(`${phone(number)}/messages`, json("POST", message));
export const markRead = (number, channel) => ask(`${phone(number)}/read`, json("POST", { channel }));

/** Calls onMessage for every new or changed message, and onOpen whenever the connection is (again) there. */
export function listen({ onMessage, onOpen, onLost }) {
  const events = new EventSource("/events");
  events.addEventListener("message", (event) => onMessage(JSON.parse(event.data)));
  events.addEventListener("open", onOpen);
  events.addEventListener("error", onLost);
}
