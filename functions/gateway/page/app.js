// The frame of the page: who is signed in, where one can go, search, and the screen of the route.

import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { announced, keyOfAddress, may, signIn, signOut, useSession } from "./api.js";
import { Fault, html, to, useKeys, useRoute } from "./element.js";
import { ZONE } from "./format.js";

// A screen is a module with a default component; it is fetched when somebody goes there.
const SCREENS = {
  today: { title: "Today", scope: "analyst", load: () => import("./screen/today.js") },
  queue: { title: "Queue", scope: "analyst", load: () => import("./screen/queue.js") },
  payments: { title: "Payments", scope: "analyst", load: () => import("./screen/payments.js") },
  payment: { title: "Payment", scope: "score", load: () => import("./screen/payment.js"), unlisted: true },
  entity: { title: "Entity", scope: "analyst", load: () => import("./screen/entity.js"), unlisted: true },
  try: { title: "Try it", scope: "score", load: () => import("./screen/try.js") },
  rules: { title: "Rules", scope: "analyst", load: () => import("./screen/rules.js") },
  version: { title: "Version", scope: "analyst", load: () => import("./screen/version.js"), unlisted: true },
  models: { title: "Models", scope: "analyst", load: () => import("./screen/models.js") },
  lists: { title: "Lists", scope: "analyst", load: () => import("./screen/lists.js") },
  files: { title: "Files", scope: "score", load: () => import("./screen/files.js") },
  system: { title: "System", scope: "score", load: () => import("./screen/system.js") },
  runbook: { title: "Runbook", scope: "score", load: () => import("./screen/runbook.js"), unlisted: true },
  search: { title: "Search", scope: "score", load: () => import("./screen/search.js"), unlisted: true },
};

const OF_ONE = { payments: "payment", rules: "version" }; // the screen of one of a list

function App() {
  const session = useSession();
  const [entering, setEntering] = useState(keyOfAddress);
  const [fault, setFault] = useState(null);
  useEffect(() => {
    if (!entering) return;
    signIn(entering, "").catch(setFault).finally(() => setEntering(null));
  }, [entering]);
  if (entering) return html`<main><p aria-busy="true">Signing in</p></main>`;
  return session ? html`<${Frame} session=${session} />` : html`<${SignIn} fault=${fault} />`;
}

/** The way in: a key, which stays in this tab, and a name, which stands beside what one changes. */
function SignIn({ fault }) {
  const [error, setError] = useState(fault);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    setBusy(true);
    try {
      await signIn(String(form.get("key")).trim(), String(form.get("name")).trim());
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return html`
    <main class="sign-in">
      <h1><${Mark} /> FraudShield</h1>
      <p>Paste an API key. It stays in this tab and goes nowhere but to this API.</p>
      ${error && html`<${Fault} error=${error} />`}
      <form onSubmit=${submit}>
        <label>API key<input name="key" type="password" required autocomplete="off" spellcheck=${false} autofocus /></label>
        <label>Your name<input name="name" maxlength="64" autocomplete="name" aria-describedby="name-hint" />
          <small id="name-hint">It stands beside labels and changes. It opens nothing.</small></label>
        <button type="submit" aria-busy=${busy} disabled=${busy}>Sign in</button>
      </form>
      <p class="quiet">On a laptop <code>make up</code> prints a link that signs in, and <code>fraudshield keys</code> the keys.</p>
    </main>`;
}

const Mark = () => html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2 4 5v6c0 5 3.4 9.4 8 11 4.6-1.6 8-6 8-11V5z" /><path class="tick" d="m8 12 3 3 5-6" /></svg>`;

function Frame({ session }) {
  const route = useRoute();
  const search = useRef();
  const help = useRef();
  const [message, setMessage] = useState("");
  useEffect(() => announced(setMessage), []);
  useKeys({ "/": () => search.current.focus(), "?": () => help.current.showModal() });
  const find = (event) => {
    event.preventDefault();
    const text = search.current.value.trim();
    if (text) location.hash = to("search", { q: text });
  };
  const offered = Object.entries(SCREENS).filter(([, one]) => may(one.scope) && !one.unlisted);
  return html`
    <a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); document.getElementById("main").focus(); }}>Skip to content</a>
    <header>
      <a class="brand" href="#/"><${Mark} /> <span>FraudShield</span></a>
      <nav aria-label="Screens">${offered.map(([name, one]) => html`
        <a href=${to(name)} aria-current=${name === route.screen ? "page" : undefined}>${one.title}</a>`)}
      </nav>
      <form role="search" onSubmit=${find}>
        <input ref=${search} type="search" aria-label="Search an id, an account, a file or a request" title="An id, an account, a file or a request" placeholder="Search  /" />
      </form>
      <div class="who">
        <span title="What the key allows">${session.name || "no name"} · ${session.scope}</span>
        <button type="button" class="small outline" onClick=${() => help.current.showModal()} aria-label="Keys">?</button>
        <button type="button" class="small outline" onClick=${signOut}>Sign out</button>
      </div>
    </header>
    <p class="announced" role="status">${message}</p>
    <main id="main" tabindex="-1" data-route=${location.hash}><${Screen} key=${`${route.screen} ${route.rest.length > 0}`} route=${route} /></main>
    <footer>Times are in ${ZONE}. Figures by day are in UTC.</footer>
    <dialog ref=${help} aria-label="Keys">
      <article>
        <h2>Keys</h2>
        <dl class="keys">${KEYS.map(([key, does]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${does}</dd></div>`)}</dl>
        <form method="dialog"><button>Close</button></form>
      </article>
    </dialog>`;
}

const KEYS = [
  ["/", "search"],
  ["?", "this list"],
  ["j  k", "next and previous row of a list"],
  ["Enter", "open the row"],
  ["x", "mark the row"],
  ["f  g", "in the queue: decline as fraud, release as genuine; on a payment: label it so"],
  ["s  u", "in the queue: skip it, take the last verdict back"],
];

function Screen({ route }) {
  const known = SCREENS[(route.rest.length && OF_ONE[route.screen]) || route.screen];
  const screen = known && !may(known.scope) ? { ...known, refused: true } : known;
  const first = !may("analyst") && route.screen === "today" ? SCREENS.try : screen;
  const [View, setView] = useState(null);
  const [fault, setFault] = useState(null);
  useEffect(() => {
    if (!first || first.refused) return;
    document.title = `${first.title} · FraudShield`;
    first.load().then((module) => setView(() => module.default), (error) => {
      console.error(error);
      setFault({ title: "This screen could not be loaded", message: "A newer version may have been deployed, or the API is away. Load the page again." });
    });
  }, [first]);
  if (!first) return html`<div class="empty"><h1>There is no such screen</h1><p><a href="#/">Go to the first one</a></p></div>`;
  if (first.refused) return html`<div class="empty"><h1>${first.title}</h1><p>This key's scope does not allow that. It takes one with the scope ${first.scope}.</p></div>`;
  if (fault) return html`<${Fault} error=${fault} again=${() => location.reload()} />`;
  return View ? html`<${View} route=${route} />` : html`<p class="quiet" aria-busy="true">Loading</p>`;
}

render(html`<${App} />`, (() => {
  const root = document.getElementById("app");
  root.textContent = "";
  return root;
})());
