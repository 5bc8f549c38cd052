"""The script of a page: it sorts tables and says where a number is from; all reads without it."""

SCRIPT = """
for (const one of document.querySelectorAll("[data-from]")) {
  one.addEventListener("mouseenter", () => { one.title = one.dataset.from; });
}
const value = (cell) => {
  const text = cell.textContent.trim().replace("\\u2212", "-").replace(/[,\\u202f]/g, "");
  return Number.isNaN(parseFloat(text)) ? text : parseFloat(text);
};
for (const table of document.querySelectorAll("table")) {
  table.querySelectorAll("thead th").forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const rows = [...table.tBodies[0].rows].sort((a, b) => {
        const [x, y] = [value(a.cells[column]), value(b.cells[column])];
        const order = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0)
          : typeof x === "number" ? -1 : 1;
        return rising ? order : -order;
      });
      table.tBodies[0].append(...rows);
    });
  });
}
"""
