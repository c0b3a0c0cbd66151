"use strict";

const EVERY_MS = 1500;
const list = document.getElementById("messages");
const template = document.getElementById("message");
let known = list.childElementCount;

function element(message) {
  const details = template.content.firstElementChild.cloneNode(true);
  details.querySelector(".subject").textContent = message.subject || "(text message)";
  details.querySelector(".to").textContent = message.via ? `${message.to} · ${message.via}` : message.to;
  details.querySelector("pre").textContent = message.body;
  const time = details.querySelector("time");
  time.dateTime = message.at;
  time.textContent = local(message.at);
  return details;
}

function local(at) {
  return new Date(at).toLocaleString();
}

async function refresh() {
  try {
    const answer = await fetch(`/messages?after=${known}`);
    const fresh = await answer.json();
    if (fresh.length > 0) {
      list.prepend(...fresh.map(element).reverse());
      known += fresh.length;
      document.getElementById("count").textContent = known === 1 ? "1 message." : `${known} messages.`;
      document.getElementById("empty").hidden = true;
      document.title = `(${known}) Mailbox`;
    }
  } catch {
    document.title = "Mailbox (stopped)";
  }
  setTimeout(refresh, EVERY_MS);
}

for (const time of list.querySelectorAll("time")) {
  time.textContent = local(time.dateTime);
}
setTimeout(refresh, EVERY_MS);
