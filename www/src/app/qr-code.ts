// A QR code as SVG, drawn in the page: no image service ever sees the text.
import { svg, html, type TemplateResult } from "lit-html";
import { encode } from "uqr";

/** The code with its accessible name. */
export function qrCode(text: string, label: string): TemplateResult {
  const { data, size } = encode(text, { ecc: "M", border: 2 });
  let path = "";
  for (const [y, row] of data.entries()) {
    for (const [x, dark] of row.entries()) if (dark) path += `M${x} ${y}h1v1h-1z`;
  }
  return html`<svg class="qr" role="img" aria-label=${label} viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">
    ${svg`<rect width=${size} height=${size} class="qr-light"></rect><path d=${path} class="qr-dark"></path>`}
  </svg>`;
}
