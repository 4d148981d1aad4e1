// Buttons that copy what stands beside them; without script they stay hidden, and the text is there to be selected.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard outside a secure context: the older way needs a field that holds the text.
    const field = document.createElement("textarea"), before = document.activeElement;
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before.focus();
    return done;
  }
}

for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const { text, done, failed } = button.dataset;
    button.nextElementSibling.textContent = (await copied(text)) ? done : failed;
  });
}
