/* Files may be dropped where they are chosen. What was chosen is listed with its size before it is sent, and what is too
   large is said at once. */

"use strict";

const BYTES = 1024;

function spelled(size) {
  if (size < BYTES) return `${size} B`;
  return size < BYTES ** 2 ? `${Math.round(size / BYTES)} kB` : `${(size / BYTES ** 2).toFixed(1)} MB`;
}

function chosen(input) {
  const field = input.closest(".field");
  let list = field.querySelector(":scope > .chosen");
  if (!list) {
    list = document.createElement("ul");
    list.className = "chosen small";
    list.setAttribute("role", "status");
    field.append(list);
  }
  const files = [...input.files];
  const most = Number(input.dataset.most);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  list.replaceChildren(...files.map((file) => {
    const line = document.createElement("li");
    line.textContent = `${file.name} · ${spelled(file.size)}`;
    return line;
  }));
  const unfit = most && total > most ? input.dataset.tooLarge : "";
  input.setCustomValidity(unfit);
  if (unfit) {
    const line = document.createElement("li");
    line.className = "fault";
    line.textContent = unfit;
    list.append(line);
  }
}

for (const input of document.querySelectorAll("input[type=file]")) {
  const field = input.closest(".field");
  if (input.dataset.hint) {
    const hint = document.createElement("p");
    hint.className = "small soft";
    hint.textContent = input.dataset.hint;
    input.after(hint);
  }
  input.addEventListener("change", () => chosen(input));
  field.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    field.classList.add("dropping");
  });
  for (const end of ["dragleave", "drop"]) field.addEventListener(end, () => field.classList.remove("dropping"));
  field.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    const kept = new DataTransfer();
    const dropped = [...(input.multiple ? input.files : []), ...event.dataTransfer.files];
    for (const file of input.multiple ? dropped : dropped.slice(0, 1)) kept.items.add(file);
    input.files = kept.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
