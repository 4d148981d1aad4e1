// Search in pages that lie as files, by Pagefind: words are asked for as shown/bare.py gives them to the index.
const form = document.querySelector("form.here"), told = document.getElementById("told"), list = document.getElementById("found");
const asked = new URLSearchParams(location.search).get("q") || "";
const MOST = 20;

function bare(text) {
  const parts = text.toLowerCase().normalize("NFC").replaceAll("œ", "oe").replaceAll("æ", "ae").split(/[\s]+/);
  return parts.flatMap((word) => /['‘’ʼ']/.test(word) ? word.split(/['‘’ʼ']/).filter((part) => part.length > 2 && part !== "qu") : [word]).join(" ");
}

function snippet(markup) {
  // Parsed apart, where nothing runs; only text and marks are taken over.
  const line = document.createElement("p");
  line.className = "snippet";
  line.lang = form.dataset.lang;
  for (const node of new DOMParser().parseFromString(markup, "text/html").body.childNodes) {
    const part = node.nodeName === "MARK" ? document.createElement("mark") : document.createTextNode(node.textContent);
    if (node.nodeName === "MARK") part.textContent = node.textContent;
    line.append(part);
  }
  return line;
}

function row(hit) {
  const item = document.createElement("li"), link = document.createElement("a");
  link.className = "headline";
  link.lang = form.dataset.lang;
  link.dir = "auto";
  link.href = new URL(hit.raw_url.replace(/^\//, ""), new URL(form.dataset.root, location.href));
  link.textContent = hit.meta.title;
  item.append(link, snippet(hit.excerpt));
  return item;
}

async function find() {
  form.q.value = asked;
  const index = await import(new URL(form.dataset.index + "pagefind.js", location.href));
  await index.options({ excerptLength: 30 });
  told.textContent = form.dataset.ready;
  if (!asked.trim()) return;
  const { results } = await index.search(bare(asked) || asked);
  const shown = await Promise.all(results.slice(0, MOST).map((each) => each.data()));
  told.textContent = form.dataset.found.replace("{}", results.length);
  list.replaceChildren(...shown.map(row));
}

if (form) find().catch(() => {});
