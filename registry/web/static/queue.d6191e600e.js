// What was recorded without a connection: one page of the journal each, under its token, until the registry has taken it.
const NAME = "registry-offline";
const STORE = "pages";

function open() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "token" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function ask(mode, act) {
  const base = await open();
  try {
    return await new Promise((done, failed) => {
      const work = base.transaction(STORE, mode, { durability: "strict" });
      const asked = act(work.objectStore(STORE));
      work.oncomplete = () => done(asked.result);
      work.onerror = work.onabort = () => failed(work.error);
    });
  } finally {
    base.close();
  }
}

export const all = () => ask("readonly", (pages) => pages.getAll());
export const put = (page) => ask("readwrite", (pages) => pages.put(page));
export const drop = (token) => ask("readwrite", (pages) => pages.delete(token));
