import { html } from "../element.js";
export default () => html`<h1>try</h1>`;
