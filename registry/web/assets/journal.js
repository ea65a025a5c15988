// A page of the journal with the keyboard alone, a block pasted from a spreadsheet, a scanner. The page works without.
const form = document.getElementById("paper");
if (form) begin(form);

function begin(form) {
  const told = JSON.parse(document.getElementById("paper-told").textContent);
  const body = form.querySelector("tbody");
  const said = form.querySelector(".registry-paper__said");
  const names = [...body.rows[0].querySelectorAll("[data-cell]")].map((cell) => cell.dataset.cell);
  const options = [...document.querySelectorAll("#products option")].map((one) => ({ code: one.value, name: one.textContent }));
  const known = new Map(options.map((one) => [plain(one.code), one]));
  const issues = new Set(told.issues);

  const field = (row, name) => row.querySelector(`[data-cell="${name}"] :is(input, select)`);
  const rowOf = (target) => target.closest("tr[data-row]");

  function plain(words) {
    return words.toLowerCase().replaceAll("ё", "е").split(/\s+/).join(" ").replace(/^[ :*.]+|[ :*.]+$/g, "");
  }

  function addRow() {
    const last = body.rows[body.rows.length - 1];
    const row = last.cloneNode(true);
    const number = Number(last.dataset.row) + 1;
    row.dataset.row = number;
    row.querySelectorAll(".govuk-error-message, .registry-paper__named, datalist, th strong").forEach((one) => one.remove());
    const head = row.querySelector("th");
    head.id = `row-${number}`;
    head.querySelector("span").textContent = number;
    head.querySelector("input").value = number;
    for (const name of names) {
      const one = field(row, name);
      one.id = `cell-${number}-${name}`;
      one.setAttribute("aria-labelledby", `head-${name} row-${number}`);
      one.removeAttribute("aria-invalid");
      one.removeAttribute("aria-describedby");
      one.classList.remove("govuk-input--error", "govuk-select--error");
      one.value = "";
      if (name === "batch") one.removeAttribute("list");
      delete one.dataset.offered;
    }
    body.append(row);
    return row;
  }

  function takeOver(row) {
    const above = row.previousElementSibling;
    for (const name of ["occurred_on", "kind"]) {
      if (above && !field(row, name).value) field(row, name).value = field(above, name).value;
    }
    showNeeded(row);
  }

  function nextRow(row) {
    const next = row.nextElementSibling || addRow();
    takeOver(next);
    return next;
  }

  function showNeeded(row) {
    const chosen = field(row, "kind").selectedOptions[0];
    const needs = chosen && chosen.value ? new Set((chosen.dataset.needs || "").split(" ")) : null;
    for (const name of ["counterparty", "expires_on", "permit", "country", "prescription"]) {
      const unneeded = needs !== null && !needs.has(name) && !field(row, name).value && !row.querySelector(`#${field(row, name).id}-error`);
      field(row, name).closest("td").classList.toggle("registry-unneeded", unneeded);
    }
  }

  function name(row, product) {
    const cell = field(row, "product").parentElement;
    cell.querySelector(".registry-paper__named")?.remove();
    if (!product) return;
    const line = document.createElement("span");
    line.className = "registry-paper__named";
    line.textContent = product.name;
    cell.append(line);
  }

  // The code itself, else the one product whose names hold all the words typed.
  function settle(row) {
    const input = field(row, "product");
    const typed = plain(input.value);
    let product = known.get(typed);
    if (!product && typed.length > 1) {
      const words = typed.split(" ");
      const fitting = options.filter((one) => words.every((word) => plain(`${one.code} ${one.name}`).includes(word)));
      if (fitting.length === 1) product = fitting[0];
    }
    if (product) input.value = product.code;
    name(row, product);
    offerBatches(row, product);
  }

  function offerBatches(row, product) {
    const batch = field(row, "batch");
    row.querySelector("datalist")?.remove();
    batch.removeAttribute("list");
    const lying = (product && told.shelves[product.code]) || [];
    if (lying.length) {
      const list = document.createElement("datalist");
      list.id = `batches-${row.dataset.row}`;
      for (const one of lying) list.append(new Option(one.said, one.label));
      batch.after(list);
      batch.setAttribute("list", list.id);
    }
    if (batch.value && batch.value !== batch.dataset.offered) return;
    const first = lying.find((one) => one.label && !one.expired);
    batch.value = batch.dataset.offered = first && issues.has(field(row, "kind").value) ? first.label : "";
  }

  const isScan = (text) => /^(\]|ъ)[a-zа-я]\d/i.test(text) || /^\(\d{2,4}\)/.test(text) || /^\D?01\d{14}/.test(text) || /^(\d{8}|\d{12,14})$/.test(text);

  async function read(row) {
    const input = field(row, "product");
    const code = input.value.trim();
    if (!form.dataset.scan || known.has(plain(code)) || !isScan(code)) return settle(row);
    const answer = await fetch(`${form.dataset.scan}&code=${encodeURIComponent(code)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok) return; // without a connection the page itself reads the code when it is recorded
    const found = await answer.json();
    for (const [column, text] of Object.entries(found.cells)) {
      if (column === "product" || !field(row, column).value) field(row, column).value = text;
    }
    said.textContent = found.problems.map((one) => one.message).join(" ");
    settle(row);
    showNeeded(row);
  }

  function shown(row) {
    return names.map((each) => field(row, each)).filter((one) => one.offsetParent !== null && getComputedStyle(one).visibility !== "hidden");
  }

  async function enter(target) {
    const row = rowOf(target);
    if (target.name === "product") {
      await read(row);
      if (!field(row, "quantity").value) return field(row, "quantity").focus();
    }
    field(nextRow(row), "product").focus();
  }

  form.addEventListener("keydown", (event) => {
    const target = event.target;
    if (!rowOf(target)) return;
    if (event.ctrlKey && event.key === "]") {
      // How many scanners type the separator of a GS1 code; a text field would lose the sign itself.
      event.preventDefault();
      target.setRangeText("\u241d", target.selectionStart, target.selectionEnd, "end");
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) form.requestSubmit(form.querySelector("[name=step][value=record]"));
      else if (event.shiftKey) rowOf(target).previousElementSibling && field(rowOf(target).previousElementSibling, "product").focus();
      else enter(target);
    } else if (event.key === "Tab" && !event.shiftKey && target === shown(rowOf(target)).at(-1)) {
      nextRow(rowOf(target));
    }
  });

  // A long page outlives a session: typing keeps it, and nothing is sent, and lost, into a page that asks to sign in.
  let typed = false;
  let asked = Date.now();
  form.addEventListener("input", () => {
    typed = true;
    if (form.dataset.pass && Date.now() - asked > 300000) pass();
  });
  addEventListener("beforeunload", (event) => typed && event.preventDefault());

  async function pass() {
    asked = Date.now();
    const answer = await fetch(form.dataset.pass, { headers: { Accept: "application/json" }, redirect: "manual" }).catch(() => null);
    return answer && answer.ok ? answer.json() : null;
  }

  form.addEventListener("submit", async (event) => {
    if (form.dataset.queue) return (typed = false);
    event.preventDefault();
    const step = event.submitter?.value ?? "record";
    const found = await pass();
    if (!found) return (said.textContent = form.dataset.signIn);
    typed = false;
    form.elements.csrf_token.value = found.csrf;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "step", value: step }));
    form.submit();
  });

  form.addEventListener("change", (event) => {
    const row = rowOf(event.target);
    if (!row) return;
    if (event.target.name === "product") read(row);
    if (event.target.name === "kind") showNeeded(row);
  });

  form.addEventListener("paste", (event) => {
    const target = event.target;
    const text = event.clipboardData.getData("text/plain");
    if (!rowOf(target) || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    fill(rowOf(target), target.name, cells(text));
  });

  // Rows and cells of a copied block; a cell with a line break or a quote comes in quotes.
  function cells(text) {
    const found = [[""]];
    let quoted = false;
    for (let place = 0; place < text.length; place++) {
      const sign = text[place];
      const line = found[found.length - 1];
      if (quoted) {
        if (sign !== '"') line[line.length - 1] += sign;
        else if (text[place + 1] === '"') { line[line.length - 1] += '"'; place++; }
        else quoted = false;
      } else if (sign === '"' && line[line.length - 1] === "") quoted = true;
      else if (sign === "\t") line.push("");
      else if (sign === "\n") found.push([""]);
      else if (sign !== "\r") line[line.length - 1] += sign;
    }
    return found.map((line) => line.map((cell) => cell.trim())).filter((line) => line.some(Boolean));
  }

  function fill(first, start, block) {
    let head = block[0].map((cell) => told.headings[plain(cell)]);
    if (head.filter(Boolean).length >= Math.min(2, block[0].length)) block.shift();
    else head = names.slice(names.indexOf(start));
    let row = first;
    block.forEach((line, place) => {
      if (place) row = row.nextElementSibling || addRow();
      line.forEach((text, column) => head[column] && put(row, head[column], text));
      takeOver(row);
      settle(row);
    });
    field(row, "product").focus();
  }

  function put(row, column, text) {
    const one = field(row, column);
    if (column === "kind") {
      const code = told.kinds[plain(text)] || text;
      if (code && ![...one.options].some((option) => option.value === code)) one.append(new Option(text, code));
      one.value = code;
    } else one.value = text.replace(/\s*\n\s*/g, " ");
  }

  offerCamera(form.querySelector(".registry-paper__camera"), form.querySelector("video"), (code) => {
    const row = [...body.rows].find((each) => !field(each, "product").value) || addRow();
    takeOver(row);
    field(row, "product").value = code;
    enter(field(row, "product"));
  });
  document.querySelector(".registry-paper__keys").hidden = false;
  for (const row of body.rows) {
    showNeeded(row);
    if (field(row, "product").value) name(row, known.get(plain(field(row, "product").value)));
  }
  if (!document.querySelector(".govuk-error-summary")) field(body.rows[0], "product").focus();
}

// The camera reads codes where the browser itself can; elsewhere nothing is offered.
async function offerCamera(button, view, found) {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const formats = (await BarcodeDetector.getSupportedFormats()).filter((one) => ["data_matrix", "code_128", "ean_13", "ean_8", "upc_a", "qr_code"].includes(one));
  if (!formats.length) return;
  const detector = new BarcodeDetector({ formats });
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (view.srcObject) return stop();
    view.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    view.hidden = false;
    await view.play();
    look();
  });
  async function look() {
    if (!view.srcObject) return;
    const [code] = await detector.detect(view).catch(() => []);
    if (!code) return requestAnimationFrame(look);
    stop();
    found(code.rawValue);
  }
  function stop() {
    view.srcObject.getTracks().forEach((track) => track.stop());
    view.srcObject = null;
    view.hidden = true;
  }
}
